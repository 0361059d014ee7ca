package dev.hourglass.device.ffi.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.hourglass.device.ffi.library.SharedLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/// The driver, initialised. What it hands out belongs to whoever asked and is freed by the method beside.
public final class CudaDriver {
    static final int OUT_OF_MEMORY = 2;
    private static final int NAME_BYTES = 256;
    private static final int NON_BLOCKING = 1;
    private static final int THREAD_LOCAL_CAPTURE = 1;
    private static final int MAPPED = 2;

    private final CudaCalls calls;

    private CudaDriver(CudaCalls calls) {
        this.calls = calls;
    }

    /// The driver, or why there is none.
    public sealed interface Outcome {
        /// It is there and has at least one device.
        record Ready(CudaDriver driver) implements Outcome {}

        /// It is not.
        ///
        /// @param reason in one sentence
        record Absent(String reason) implements Outcome {}
    }

    /// @param directories where the library may lie beside the system's places
    public static Outcome open(List<Path> directories) {
        return switch (SharedLibrary.find(List.of("libcuda.so.1", "libcuda.so"), directories)) {
            case SharedLibrary.Missing none -> new Outcome.Absent("no NVIDIA driver: " + none.reason());
            case SharedLibrary.Open open -> initialised(new CudaCalls(open.symbols()));
        };
    }

    private static Outcome initialised(CudaCalls calls) {
        if (!calls.missing().isEmpty()) {
            return new Outcome.Absent("the NVIDIA driver is too old: it lacks " + String.join(", ", calls.missing()));
        }
        try {
            calls.init(0);
            CudaDriver driver = new CudaDriver(calls);
            return driver.devices() == 0
                    ? new Outcome.Absent("the NVIDIA driver sees no device")
                    : new Outcome.Ready(driver);
        } catch (CudaException e) {
            return new Outcome.Absent("the NVIDIA driver cannot start: " + e.getMessage());
        }
    }

    /// Version of the driver's interface, for example 13000 of CUDA 13.0.
    public int version() {
        return number(calls::driverVersion);
    }

    public int devices() {
        return number(calls::deviceCount);
    }

    public String name(int device) {
        return text(out -> calls.deviceName(out, NAME_BYTES, device));
    }

    /// For example `0000:19:00.0`.
    public String busId(int device) {
        return text(out -> calls.busId(out, NAME_BYTES, device));
    }

    public int attribute(Attribute attribute, int device) {
        return number(out -> calls.deviceAttribute(out, attribute.code(), device));
    }

    /// In bytes.
    public long memory(int device) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_LONG);
            calls.deviceBytes(out, device);
            return out.get(JAVA_LONG, 0);
        }
    }

    /// Makes the device's primary context that of this thread.
    public MemorySegment enter(int device) {
        MemorySegment context = address(out -> calls.retain(out, device));
        calls.current(context);
        return context;
    }

    /// Gives the primary context back.
    public void leave(int device) {
        calls.release(device);
    }

    /// Bytes that are free on the current device.
    public long freeBytes() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment free = arena.allocate(JAVA_LONG);
            calls.memory(free, arena.allocate(JAVA_LONG));
            return free.get(JAVA_LONG, 0);
        }
    }

    /// Address of new memory on the current device.
    public long allocate(long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_LONG);
            calls.allocate(out, bytes);
            return out.get(JAVA_LONG, 0);
        }
    }

    public void free(long pointer) {
        calls.free(pointer);
    }

    /// New memory of the host that is pinned; the device knows it by the same address.
    @SuppressWarnings("restricted")
    public MemorySegment allocatePinned(long bytes) {
        return address(out -> calls.allocateHost(out, bytes, MAPPED)).reinterpret(bytes);
    }

    public void freePinned(MemorySegment pinned) {
        calls.freeHost(pinned);
    }

    /// Copies, and waits until it is done.
    public void toDevice(long to, MemorySegment from) {
        calls.toDevice(to, from, from.byteSize());
    }

    /// Copies, and waits until it is done.
    public void toHost(MemorySegment to, long from) {
        calls.toHost(to, from, to.byteSize());
    }

    /// Sets each byte.
    public void fill(long pointer, int value, long bytes) {
        calls.fill(pointer, (byte) value, bytes);
    }

    /// What a stream takes, in order.
    public final class Stream implements AutoCloseable {
        private final MemorySegment handle = address(out -> calls.createStream(out, NON_BLOCKING));

        private Stream() {}

        /// As other libraries take it.
        public MemorySegment handle() {
            return handle;
        }

        public void copyToDevice(long to, MemorySegment from) {
            calls.toDeviceLater(to, from, from.byteSize(), handle);
        }

        public void copyToHost(MemorySegment to, long from) {
            calls.toHostLater(to, from, to.byteSize(), handle);
        }

        public void copyWithinDevice(long to, long from, long bytes) {
            calls.withinDeviceLater(to, from, bytes, handle);
        }

        /// @param parameters array of pointers to the arguments
        public void launch(MemorySegment function, Grid grid, MemorySegment parameters) {
            calls.launch(function, grid.numbers(), handle, parameters);
        }

        public void record(Event event) {
            calls.record(event.handle, handle);
        }

        public void launch(Graph graph) {
            calls.launchGraph(graph.executable, handle);
        }

        /// Until all that it took is done.
        public void await() {
            calls.waitForStream(handle);
        }

        /// Puts what `work` gives to this stream into a graph instead of running it.
        public Graph capture(Runnable work) {
            calls.beginCapture(handle, THREAD_LOCAL_CAPTURE);
            MemorySegment graph;
            try {
                work.run();
            } finally {
                graph = address(out -> calls.endCapture(handle, out));
            }
            try {
                return new Graph(address(out -> calls.instantiate(out, graph, 0)));
            } finally {
                calls.destroyGraph(graph);
            }
        }

        @Override
        public void close() {
            calls.destroyStream(handle);
        }
    }

    public Stream stream() {
        return new Stream();
    }

    /// A moment on a stream.
    public final class Event implements AutoCloseable {
        private final MemorySegment handle = address(out -> calls.createEvent(out, 0));

        private Event() {}

        /// Nanoseconds from `start` to this one; waits for this one.
        public double nanosecondsSince(Event start) {
            calls.waitForEvent(handle);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment out = arena.allocate(JAVA_FLOAT);
                calls.elapsed(out, start.handle, handle);
                return out.get(JAVA_FLOAT, 0) * 1e6;
            }
        }

        @Override
        public void close() {
            calls.destroyEvent(handle);
        }
    }

    public Event event() {
        return new Event();
    }

    /// Work that is launched as a whole.
    public final class Graph implements AutoCloseable {
        private final MemorySegment executable;

        private Graph(MemorySegment executable) {
            this.executable = executable;
        }

        @Override
        public void close() {
            calls.destroyExecutable(executable);
        }
    }

    /// Code of the device, loaded.
    public final class Module implements AutoCloseable {
        private final MemorySegment handle;

        private Module(MemorySegment handle) {
            this.handle = handle;
        }

        /// @throws CudaException if there is no function of that name
        public MemorySegment function(String name) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment text = arena.allocateFrom(name);
                return address(out -> calls.function(out, handle, text));
            }
        }

        @Override
        public void close() {
            calls.unloadModule(handle);
        }
    }

    /// @param image machine code or PTX, as the compiler gave it
    public Module load(MemorySegment image) {
        return new Module(address(out -> calls.loadModule(out, image)));
    }

    /// Lets a function use more shared memory than 48 KiB a block.
    public void allowShared(MemorySegment function, int bytes) {
        calls.functionAttribute(function, Attribute.FUNCTION_SHARED_BYTES, bytes);
    }

    private static int number(Consumer<MemorySegment> call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_INT);
            call.accept(out);
            return out.get(JAVA_INT, 0);
        }
    }

    private static MemorySegment address(Consumer<MemorySegment> call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            call.accept(out);
            return out.get(ADDRESS, 0);
        }
    }

    private static String text(Consumer<MemorySegment> call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(NAME_BYTES);
            call.accept(out);
            return out.getString(0);
        }
    }
}
