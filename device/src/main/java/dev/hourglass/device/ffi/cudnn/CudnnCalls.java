package dev.hourglass.device.ffi.cudnn;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.hourglass.device.ffi.cuda.CudaException;
import dev.hourglass.device.ffi.library.CheckedCalls;
import dev.hourglass.device.ffi.library.NativeText;
import dev.hourglass.device.ffi.library.SharedLibrary.Symbols;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;

/// The library's functions. Every one checks what it returns.
final class CudnnCalls extends CheckedCalls {
    /// `cudnnStatus_t cudnnCreate(cudnnHandle_t *handle)`
    private final MethodHandle create;

    /// `cudnnStatus_t cudnnDestroy(cudnnHandle_t handle)`
    private final MethodHandle destroy;

    /// `cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, cudaStream_t stream)`
    private final MethodHandle stream;

    /// `cudnnStatus_t cudnnBackendCreateDescriptor(cudnnBackendDescriptorType_t type, cudnnBackendDescriptor_t
    /// *descriptor)`
    private final MethodHandle createDescriptor;

    /// `cudnnStatus_t cudnnBackendDestroyDescriptor(cudnnBackendDescriptor_t descriptor)`
    private final MethodHandle destroyDescriptor;

    /// `cudnnStatus_t cudnnBackendSetAttribute(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
    /// cudnnBackendAttributeType_t type, int64_t count, const void *values)`
    private final MethodHandle set;

    /// `cudnnStatus_t cudnnBackendGetAttribute(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
    /// cudnnBackendAttributeType_t type, int64_t requested, int64_t *count, void *values)`
    private final MethodHandle get;

    /// `cudnnStatus_t cudnnBackendFinalize(cudnnBackendDescriptor_t descriptor)`
    private final MethodHandle finish;

    /// `cudnnStatus_t cudnnBackendExecute(cudnnHandle_t handle, cudnnBackendDescriptor_t plan,
    /// cudnnBackendDescriptor_t variantPack)`
    private final MethodHandle execute;

    /// `const char *cudnnGetErrorString(cudnnStatus_t status)`
    private final Optional<MethodHandle> errorString;

    /// `size_t cudnnGetVersion(void)`
    private final Optional<MethodHandle> version;

    CudnnCalls(Symbols symbols) {
        super(symbols);
        create = handle(List.of(ADDRESS), "cudnnCreate");
        destroy = handle(List.of(ADDRESS), "cudnnDestroy");
        stream = handle(List.of(ADDRESS, ADDRESS), "cudnnSetStream");
        createDescriptor = handle(List.of(JAVA_INT, ADDRESS), "cudnnBackendCreateDescriptor");
        destroyDescriptor = handle(List.of(ADDRESS), "cudnnBackendDestroyDescriptor");
        set = handle(List.of(ADDRESS, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS), "cudnnBackendSetAttribute");
        get = handle(List.of(ADDRESS, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS), "cudnnBackendGetAttribute");
        finish = handle(List.of(ADDRESS), "cudnnBackendFinalize");
        execute = handle(List.of(ADDRESS, ADDRESS, ADDRESS), "cudnnBackendExecute");
        errorString = symbols.function(FunctionDescriptor.of(ADDRESS, JAVA_INT), "cudnnGetErrorString");
        version = symbols.function(FunctionDescriptor.of(JAVA_LONG), "cudnnGetVersion");
    }

    void create(MemorySegment out) {
        check("cudnnCreate", () -> (int) create.invokeExact(out));
    }

    void destroy(MemorySegment library) {
        check("cudnnDestroy", () -> (int) destroy.invokeExact(library));
    }

    void stream(MemorySegment library, MemorySegment on) {
        check("cudnnSetStream", () -> (int) stream.invokeExact(library, on));
    }

    void createDescriptor(int type, MemorySegment out) {
        check("cudnnBackendCreateDescriptor", () -> (int) createDescriptor.invokeExact(type, out));
    }

    void destroyDescriptor(MemorySegment descriptor) {
        check("cudnnBackendDestroyDescriptor", () -> (int) destroyDescriptor.invokeExact(descriptor));
    }

    void set(MemorySegment descriptor, int name, int type, long count, MemorySegment values) {
        check("cudnnBackendSetAttribute " + name, () -> (int) set.invokeExact(descriptor, name, type, count, values));
    }

    /// @param place where `count` and `values` are written
    void get(MemorySegment descriptor, int name, int type, long requested, MemorySegment[] place) {
        MemorySegment count = place[0];
        MemorySegment values = place[1];
        check("cudnnBackendGetAttribute " + name, () ->
                (int) get.invokeExact(descriptor, name, type, requested, count, values));
    }

    void finish(MemorySegment descriptor) {
        check("cudnnBackendFinalize", () -> (int) finish.invokeExact(descriptor));
    }

    void execute(MemorySegment library, MemorySegment plan, MemorySegment pack) {
        check("cudnnBackendExecute", () -> (int) execute.invokeExact(library, plan, pack));
    }

    /// For example 91300 of 9.13.0; 0 where it does not tell.
    @SuppressWarnings("IllegalCatch")
    long version() {
        if (version.isEmpty()) {
            return 0;
        }
        try {
            return (long) version.orElseThrow().invokeExact();
        } catch (Throwable bug) {
            throw new AssertionError("cudnnGetVersion", bug);
        }
    }

    @Override
    protected RuntimeException failure(String name, int status) {
        return new CudaException(name, status, text(status));
    }

    @SuppressWarnings("IllegalCatch")
    private String text(int status) {
        if (errorString.isEmpty()) {
            return "the library has no text for this code";
        }
        try {
            return NativeText.of((MemorySegment) errorString.orElseThrow().invokeExact(status));
        } catch (Throwable bug) {
            throw new AssertionError("cudnnGetErrorString", bug);
        }
    }
}
