package dev.hourglass.device.ffi.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.hourglass.device.ffi.library.CheckedCalls;
import dev.hourglass.device.ffi.library.NativeText;
import dev.hourglass.device.ffi.library.SharedLibrary.Symbols;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/// The driver's functions. Every one checks what it returns.
///
/// Pointers to memory of the device are numbers, handles are addresses.
final class CudaCalls extends CheckedCalls {
    /// `CUresult cuInit(unsigned int flags)`
    private final MethodHandle init;

    /// `CUresult cuDriverGetVersion(int *version)`
    private final MethodHandle driverVersion;

    /// `CUresult cuDeviceGetCount(int *count)`
    private final MethodHandle deviceCount;

    /// `CUresult cuDeviceGetName(char *name, int length, CUdevice device)`
    private final MethodHandle deviceName;

    /// `CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute attribute, CUdevice device)`
    private final MethodHandle deviceAttribute;

    /// `CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice device)`
    private final MethodHandle deviceBytes;

    /// `CUresult cuDeviceGetPCIBusId(char *id, int length, CUdevice device)`
    private final MethodHandle busId;

    /// `CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice device)`
    private final MethodHandle retain;

    /// `CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device)`
    private final MethodHandle release;

    /// `CUresult cuCtxSetCurrent(CUcontext context)`
    private final MethodHandle current;

    /// `CUresult cuCtxSynchronize(void)`
    private final MethodHandle synchronize;

    /// `CUresult cuMemGetInfo_v2(size_t *free, size_t *total)`
    private final MethodHandle memory;

    /// `CUresult cuMemAlloc_v2(CUdeviceptr *pointer, size_t bytes)`
    private final MethodHandle allocate;

    /// `CUresult cuMemFree_v2(CUdeviceptr pointer)`
    private final MethodHandle free;

    /// `CUresult cuMemHostAlloc(void **pointer, size_t bytes, unsigned int flags)`
    private final MethodHandle allocateHost;

    /// `CUresult cuMemFreeHost(void *pointer)`
    private final MethodHandle freeHost;

    /// `CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void *from, size_t bytes)`
    private final MethodHandle toDevice;

    /// `CUresult cuMemcpyDtoH_v2(void *to, CUdeviceptr from, size_t bytes)`
    private final MethodHandle toHost;

    /// `CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t bytes, CUstream stream)`
    private final MethodHandle toDeviceLater;

    /// `CUresult cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t bytes, CUstream stream)`
    private final MethodHandle toHostLater;

    /// `CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream)`
    private final MethodHandle withinDeviceLater;

    /// `CUresult cuMemsetD8_v2(CUdeviceptr pointer, unsigned char value, size_t count)`
    private final MethodHandle fill;

    /// `CUresult cuStreamCreate(CUstream *stream, unsigned int flags)`
    private final MethodHandle createStream;

    /// `CUresult cuStreamDestroy_v2(CUstream stream)`
    private final MethodHandle destroyStream;

    /// `CUresult cuStreamSynchronize(CUstream stream)`
    private final MethodHandle waitForStream;

    /// `CUresult cuEventCreate(CUevent *event, unsigned int flags)`
    private final MethodHandle createEvent;

    /// `CUresult cuEventDestroy_v2(CUevent event)`
    private final MethodHandle destroyEvent;

    /// `CUresult cuEventRecord(CUevent event, CUstream stream)`
    private final MethodHandle record;

    /// `CUresult cuEventSynchronize(CUevent event)`
    private final MethodHandle waitForEvent;

    /// `CUresult cuEventElapsedTime(float *milliseconds, CUevent start, CUevent end)`
    private final MethodHandle elapsed;

    /// `CUresult cuModuleLoadData(CUmodule *module, const void *image)`
    private final MethodHandle loadModule;

    /// `CUresult cuModuleUnload(CUmodule module)`
    private final MethodHandle unloadModule;

    /// `CUresult cuModuleGetFunction(CUfunction *function, CUmodule module, const char *name)`
    private final MethodHandle function;

    /// `CUresult cuFuncSetAttribute(CUfunction function, CUfunction_attribute attribute, int value)`
    private final MethodHandle functionAttribute;

    /// `CUresult cuStreamBeginCapture_v2(CUstream stream, CUstreamCaptureMode mode)`
    private final MethodHandle beginCapture;

    /// `CUresult cuStreamEndCapture(CUstream stream, CUgraph *graph)`
    private final MethodHandle endCapture;

    /// `CUresult cuGraphInstantiateWithFlags(CUgraphExec *executable, CUgraph graph, unsigned long long flags)`
    private final MethodHandle instantiate;

    /// `CUresult cuGraphLaunch(CUgraphExec executable, CUstream stream)`
    private final MethodHandle launchGraph;

    /// `CUresult cuGraphDestroy(CUgraph graph)`
    private final MethodHandle destroyGraph;

    /// `CUresult cuGraphExecDestroy(CUgraphExec executable)`
    private final MethodHandle destroyExecutable;

    /// `CUresult cuLaunchKernel(CUfunction f, unsigned gridX, gridY, gridZ, blockX, blockY, blockZ, unsigned
    /// sharedBytes,
    /// CUstream stream, void **parameters, void **extra)`
    private final MethodHandle launch;

    /// `CUresult cuGetErrorString(CUresult code, const char **text)`
    private final MethodHandle errorString;

    CudaCalls(Symbols symbols) {
        super(symbols);
        init = handle(List.of(JAVA_INT), "cuInit");
        driverVersion = handle(List.of(ADDRESS), "cuDriverGetVersion");
        deviceCount = handle(List.of(ADDRESS), "cuDeviceGetCount");
        deviceName = handle(List.of(ADDRESS, JAVA_INT, JAVA_INT), "cuDeviceGetName");
        deviceAttribute = handle(List.of(ADDRESS, JAVA_INT, JAVA_INT), "cuDeviceGetAttribute");
        deviceBytes = handle(List.of(ADDRESS, JAVA_INT), "cuDeviceTotalMem_v2");
        busId = handle(List.of(ADDRESS, JAVA_INT, JAVA_INT), "cuDeviceGetPCIBusId");
        retain = handle(List.of(ADDRESS, JAVA_INT), "cuDevicePrimaryCtxRetain");
        release = handle(List.of(JAVA_INT), "cuDevicePrimaryCtxRelease_v2");
        current = handle(List.of(ADDRESS), "cuCtxSetCurrent");
        synchronize = handle(List.of(), "cuCtxSynchronize");
        memory = handle(List.of(ADDRESS, ADDRESS), "cuMemGetInfo_v2");
        allocate = handle(List.of(ADDRESS, JAVA_LONG), "cuMemAlloc_v2");
        free = handle(List.of(JAVA_LONG), "cuMemFree_v2");
        allocateHost = handle(List.of(ADDRESS, JAVA_LONG, JAVA_INT), "cuMemHostAlloc");
        freeHost = handle(List.of(ADDRESS), "cuMemFreeHost");
        toDevice = handle(List.of(JAVA_LONG, ADDRESS, JAVA_LONG), "cuMemcpyHtoD_v2");
        toHost = handle(List.of(ADDRESS, JAVA_LONG, JAVA_LONG), "cuMemcpyDtoH_v2");
        toDeviceLater = handle(List.of(JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS), "cuMemcpyHtoDAsync_v2");
        toHostLater = handle(List.of(ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS), "cuMemcpyDtoHAsync_v2");
        withinDeviceLater = handle(List.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS), "cuMemcpyDtoDAsync_v2");
        fill = handle(List.of(JAVA_LONG, JAVA_BYTE, JAVA_LONG), "cuMemsetD8_v2");
        createStream = handle(List.of(ADDRESS, JAVA_INT), "cuStreamCreate");
        destroyStream = handle(List.of(ADDRESS), "cuStreamDestroy_v2");
        waitForStream = handle(List.of(ADDRESS), "cuStreamSynchronize");
        createEvent = handle(List.of(ADDRESS, JAVA_INT), "cuEventCreate");
        destroyEvent = handle(List.of(ADDRESS), "cuEventDestroy_v2");
        record = handle(List.of(ADDRESS, ADDRESS), "cuEventRecord");
        waitForEvent = handle(List.of(ADDRESS), "cuEventSynchronize");
        elapsed = handle(List.of(ADDRESS, ADDRESS, ADDRESS), "cuEventElapsedTime_v2", "cuEventElapsedTime");
        loadModule = handle(List.of(ADDRESS, ADDRESS), "cuModuleLoadData");
        unloadModule = handle(List.of(ADDRESS), "cuModuleUnload");
        function = handle(List.of(ADDRESS, ADDRESS, ADDRESS), "cuModuleGetFunction");
        functionAttribute = handle(List.of(ADDRESS, JAVA_INT, JAVA_INT), "cuFuncSetAttribute");
        beginCapture = handle(List.of(ADDRESS, JAVA_INT), "cuStreamBeginCapture_v2");
        endCapture = handle(List.of(ADDRESS, ADDRESS), "cuStreamEndCapture");
        instantiate = handle(List.of(ADDRESS, ADDRESS, JAVA_LONG), "cuGraphInstantiateWithFlags");
        launchGraph = handle(List.of(ADDRESS, ADDRESS), "cuGraphLaunch");
        destroyGraph = handle(List.of(ADDRESS), "cuGraphDestroy");
        destroyExecutable = handle(List.of(ADDRESS), "cuGraphExecDestroy");
        launch = handle(
                List.of(
                        ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS,
                        ADDRESS),
                "cuLaunchKernel");
        errorString = handle(List.of(JAVA_INT, ADDRESS), "cuGetErrorString");
    }

    void init(int flags) {
        check("cuInit", () -> (int) init.invokeExact(flags));
    }

    void driverVersion(MemorySegment version) {
        check("cuDriverGetVersion", () -> (int) driverVersion.invokeExact(version));
    }

    void deviceCount(MemorySegment count) {
        check("cuDeviceGetCount", () -> (int) deviceCount.invokeExact(count));
    }

    void deviceName(MemorySegment name, int length, int device) {
        check("cuDeviceGetName", () -> (int) deviceName.invokeExact(name, length, device));
    }

    void deviceAttribute(MemorySegment value, int attribute, int device) {
        check("cuDeviceGetAttribute", () -> (int) deviceAttribute.invokeExact(value, attribute, device));
    }

    void deviceBytes(MemorySegment bytes, int device) {
        check("cuDeviceTotalMem", () -> (int) deviceBytes.invokeExact(bytes, device));
    }

    void busId(MemorySegment id, int length, int device) {
        check("cuDeviceGetPCIBusId", () -> (int) busId.invokeExact(id, length, device));
    }

    void retain(MemorySegment context, int device) {
        check("cuDevicePrimaryCtxRetain", () -> (int) retain.invokeExact(context, device));
    }

    void release(int device) {
        check("cuDevicePrimaryCtxRelease", () -> (int) release.invokeExact(device));
    }

    void current(MemorySegment context) {
        check("cuCtxSetCurrent", () -> (int) current.invokeExact(context));
    }

    void synchronize() {
        check("cuCtxSynchronize", () -> (int) synchronize.invokeExact());
    }

    void memory(MemorySegment free, MemorySegment total) {
        check("cuMemGetInfo", () -> (int) memory.invokeExact(free, total));
    }

    void allocate(MemorySegment pointer, long bytes) {
        check("cuMemAlloc", () -> (int) allocate.invokeExact(pointer, bytes));
    }

    void free(long pointer) {
        check("cuMemFree", () -> (int) free.invokeExact(pointer));
    }

    void allocateHost(MemorySegment pointer, long bytes, int flags) {
        check("cuMemHostAlloc", () -> (int) allocateHost.invokeExact(pointer, bytes, flags));
    }

    void freeHost(MemorySegment pointer) {
        check("cuMemFreeHost", () -> (int) freeHost.invokeExact(pointer));
    }

    void toDevice(long to, MemorySegment from, long bytes) {
        check("cuMemcpyHtoD", () -> (int) toDevice.invokeExact(to, from, bytes));
    }

    void toHost(MemorySegment to, long from, long bytes) {
        check("cuMemcpyDtoH", () -> (int) toHost.invokeExact(to, from, bytes));
    }

    void toDeviceLater(long to, MemorySegment from, long bytes, MemorySegment stream) {
        check("cuMemcpyHtoDAsync", () -> (int) toDeviceLater.invokeExact(to, from, bytes, stream));
    }

    void toHostLater(MemorySegment to, long from, long bytes, MemorySegment stream) {
        check("cuMemcpyDtoHAsync", () -> (int) toHostLater.invokeExact(to, from, bytes, stream));
    }

    void withinDeviceLater(long to, long from, long bytes, MemorySegment stream) {
        check("cuMemcpyDtoDAsync", () -> (int) withinDeviceLater.invokeExact(to, from, bytes, stream));
    }

    void fill(long pointer, byte value, long count) {
        check("cuMemsetD8", () -> (int) fill.invokeExact(pointer, value, count));
    }

    void createStream(MemorySegment stream, int flags) {
        check("cuStreamCreate", () -> (int) createStream.invokeExact(stream, flags));
    }

    void destroyStream(MemorySegment stream) {
        check("cuStreamDestroy", () -> (int) destroyStream.invokeExact(stream));
    }

    void waitForStream(MemorySegment stream) {
        check("cuStreamSynchronize", () -> (int) waitForStream.invokeExact(stream));
    }

    void createEvent(MemorySegment event, int flags) {
        check("cuEventCreate", () -> (int) createEvent.invokeExact(event, flags));
    }

    void destroyEvent(MemorySegment event) {
        check("cuEventDestroy", () -> (int) destroyEvent.invokeExact(event));
    }

    void record(MemorySegment event, MemorySegment stream) {
        check("cuEventRecord", () -> (int) record.invokeExact(event, stream));
    }

    void waitForEvent(MemorySegment event) {
        check("cuEventSynchronize", () -> (int) waitForEvent.invokeExact(event));
    }

    void elapsed(MemorySegment milliseconds, MemorySegment start, MemorySegment end) {
        check("cuEventElapsedTime", () -> (int) elapsed.invokeExact(milliseconds, start, end));
    }

    void loadModule(MemorySegment module, MemorySegment image) {
        check("cuModuleLoadData", () -> (int) loadModule.invokeExact(module, image));
    }

    void unloadModule(MemorySegment module) {
        check("cuModuleUnload", () -> (int) unloadModule.invokeExact(module));
    }

    void function(MemorySegment found, MemorySegment module, MemorySegment name) {
        check("cuModuleGetFunction", () -> (int) function.invokeExact(found, module, name));
    }

    void functionAttribute(MemorySegment function, int attribute, int value) {
        check("cuFuncSetAttribute", () -> (int) functionAttribute.invokeExact(function, attribute, value));
    }

    void beginCapture(MemorySegment stream, int mode) {
        check("cuStreamBeginCapture", () -> (int) beginCapture.invokeExact(stream, mode));
    }

    void endCapture(MemorySegment stream, MemorySegment graph) {
        check("cuStreamEndCapture", () -> (int) endCapture.invokeExact(stream, graph));
    }

    void instantiate(MemorySegment executable, MemorySegment graph, long flags) {
        check("cuGraphInstantiate", () -> (int) instantiate.invokeExact(executable, graph, flags));
    }

    void launchGraph(MemorySegment executable, MemorySegment stream) {
        check("cuGraphLaunch", () -> (int) launchGraph.invokeExact(executable, stream));
    }

    void destroyGraph(MemorySegment graph) {
        check("cuGraphDestroy", () -> (int) destroyGraph.invokeExact(graph));
    }

    void destroyExecutable(MemorySegment executable) {
        check("cuGraphExecDestroy", () -> (int) destroyExecutable.invokeExact(executable));
    }

    /// @param shape grid x, y, z, block x, y, z, bytes of shared memory
    void launch(MemorySegment function, int[] shape, MemorySegment stream, MemorySegment parameters) {
        int gx = shape[0];
        int gy = shape[1];
        int gz = shape[2];
        int bx = shape[3];
        int by = shape[4];
        int bz = shape[5];
        int shared = shape[6];
        check("cuLaunchKernel", () -> (int)
                launch.invokeExact(function, gx, gy, gz, bx, by, bz, shared, stream, parameters, MemorySegment.NULL));
    }

    @Override
    protected RuntimeException failure(String name, int status) {
        return new CudaException(name, status, text(status));
    }

    private String text(int code) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            int rc = (int) errorString.invokeExact(code, out);
            MemorySegment text = out.get(ADDRESS, 0);
            return rc == 0 && !text.equals(MemorySegment.NULL)
                    ? NativeText.of(text)
                    : "the driver has no text for this code";
        } catch (Throwable bug) {
            throw new AssertionError("cuGetErrorString", bug);
        }
    }
}
