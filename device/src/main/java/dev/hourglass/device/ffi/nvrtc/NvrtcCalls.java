package dev.hourglass.device.ffi.nvrtc;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.hourglass.device.ffi.cuda.CudaException;
import dev.hourglass.device.ffi.library.CheckedCalls;
import dev.hourglass.device.ffi.library.NativeText;
import dev.hourglass.device.ffi.library.SharedLibrary.Symbols;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;

/// The compiler's functions. Every one checks what it returns.
final class NvrtcCalls extends CheckedCalls {
    /// `nvrtcResult nvrtcVersion(int *major, int *minor)`
    private final MethodHandle version;

    /// `nvrtcResult nvrtcCreateProgram(nvrtcProgram *program, const char *source, const char *name, int headers,
    /// const char *const *headerTexts, const char *const *includeNames)`
    private final MethodHandle create;

    /// `nvrtcResult nvrtcDestroyProgram(nvrtcProgram *program)`
    private final MethodHandle destroy;

    /// `nvrtcResult nvrtcCompileProgram(nvrtcProgram program, int options, const char *const *optionTexts)`
    private final MethodHandle compile;

    /// `nvrtcResult nvrtcGetCUBINSize(nvrtcProgram program, size_t *bytes)`
    private final MethodHandle codeSize;

    /// `nvrtcResult nvrtcGetCUBIN(nvrtcProgram program, char *code)`
    private final MethodHandle code;

    /// `nvrtcResult nvrtcGetProgramLogSize(nvrtcProgram program, size_t *bytes)`
    private final MethodHandle logSize;

    /// `nvrtcResult nvrtcGetProgramLog(nvrtcProgram program, char *log)`
    private final MethodHandle log;

    /// `const char *nvrtcGetErrorString(nvrtcResult result)`
    private final Optional<MethodHandle> errorString;

    NvrtcCalls(Symbols symbols) {
        super(symbols);
        version = handle(List.of(ADDRESS, ADDRESS), "nvrtcVersion");
        create = handle(List.of(ADDRESS, ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS), "nvrtcCreateProgram");
        destroy = handle(List.of(ADDRESS), "nvrtcDestroyProgram");
        compile = handle(List.of(ADDRESS, JAVA_INT, ADDRESS), "nvrtcCompileProgram");
        codeSize = handle(List.of(ADDRESS, ADDRESS), "nvrtcGetCUBINSize");
        code = handle(List.of(ADDRESS, ADDRESS), "nvrtcGetCUBIN");
        logSize = handle(List.of(ADDRESS, ADDRESS), "nvrtcGetProgramLogSize");
        log = handle(List.of(ADDRESS, ADDRESS), "nvrtcGetProgramLog");
        errorString = symbols.function(FunctionDescriptor.of(ADDRESS, JAVA_INT), "nvrtcGetErrorString");
    }

    void version(MemorySegment major, MemorySegment minor) {
        check("nvrtcVersion", () -> (int) version.invokeExact(major, minor));
    }

    void create(MemorySegment program, MemorySegment source, MemorySegment name) {
        check("nvrtcCreateProgram", () ->
                (int) create.invokeExact(program, source, name, 0, MemorySegment.NULL, MemorySegment.NULL));
    }

    void destroy(MemorySegment program) {
        check("nvrtcDestroyProgram", () -> (int) destroy.invokeExact(program));
    }

    void compile(MemorySegment program, int count, MemorySegment options) {
        check("nvrtcCompileProgram", () -> (int) compile.invokeExact(program, count, options));
    }

    void codeSize(MemorySegment program, MemorySegment bytes) {
        check("nvrtcGetCUBINSize", () -> (int) codeSize.invokeExact(program, bytes));
    }

    void code(MemorySegment program, MemorySegment into) {
        check("nvrtcGetCUBIN", () -> (int) code.invokeExact(program, into));
    }

    void logSize(MemorySegment program, MemorySegment bytes) {
        check("nvrtcGetProgramLogSize", () -> (int) logSize.invokeExact(program, bytes));
    }

    void log(MemorySegment program, MemorySegment into) {
        check("nvrtcGetProgramLog", () -> (int) log.invokeExact(program, into));
    }

    @Override
    protected RuntimeException failure(String name, int status) {
        return new CudaException(name, status, text(status));
    }

    @SuppressWarnings("IllegalCatch")
    private String text(int status) {
        if (errorString.isEmpty()) {
            return "the compiler has no text for this code";
        }
        try {
            return NativeText.of((MemorySegment) errorString.orElseThrow().invokeExact(status));
        } catch (Throwable bug) {
            throw new AssertionError("nvrtcGetErrorString", bug);
        }
    }
}
