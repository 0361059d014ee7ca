package dev.hourglass.device.ffi.cudnn;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.hourglass.device.ffi.library.SharedLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/// Attention and convolution on the device of the current context.
public final class Cudnn implements AutoCloseable {
    private static final List<String> NAMES = List.of("libcudnn.so.9", "libcudnn.so");
    private static final long MAJOR = 10_000;
    private static final long MINOR = 100;
    /// Since this version attention is one operation.
    private static final long ATTENTION_SINCE = 91_300;

    private final CudnnCalls calls;
    private final MemorySegment library;

    private Cudnn(CudnnCalls calls) {
        this.calls = calls;
        this.library = address(calls::create);
    }

    /// The library, or why there is none.
    public sealed interface Outcome {
        /// It is loaded; open it in the context in which it is to compute.
        record Ready(Loaded loaded) implements Outcome {}

        /// It is not.
        ///
        /// @param reason in one sentence
        record Absent(String reason) implements Outcome {}
    }

    /// A loaded library.
    public static final class Loaded {
        private final CudnnCalls calls;

        private Loaded(CudnnCalls calls) {
            this.calls = calls;
        }

        /// In the current context.
        public Cudnn open() {
            return new Cudnn(calls);
        }
    }

    /// @param directories where it may lie beside the system's places
    public static Outcome find(List<Path> directories) {
        return switch (SharedLibrary.find(NAMES, directories)) {
            case SharedLibrary.Missing none -> new Outcome.Absent("no cuDNN: " + none.reason());
            case SharedLibrary.Open open -> {
                CudnnCalls calls = new CudnnCalls(open.symbols());
                yield calls.missing().isEmpty()
                        ? new Outcome.Ready(new Loaded(calls))
                        : new Outcome.Absent(
                                "cuDNN at " + open.place() + " lacks " + String.join(", ", calls.missing()));
            }
        };
    }

    /// For example `cuDNN 9.15.1`.
    public String version() {
        long v = calls.version();
        return "cuDNN " + v / MAJOR + "." + v / MINOR % MINOR + "." + v % MINOR;
    }

    /// Whether attention is one operation of this version.
    public boolean hasAttention() {
        return calls.version() >= ATTENTION_SINCE;
    }

    /// What it computes goes to that stream.
    public void on(MemorySegment stream) {
        calls.stream(library, stream);
    }

    /// Room for one computation.
    public Computation computation() {
        return new Computation(calls, library);
    }

    @Override
    public void close() {
        calls.destroy(library);
    }

    static MemorySegment address(Consumer<MemorySegment> call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            call.accept(out);
            return out.get(ADDRESS, 0);
        }
    }

    static long number(Consumer<MemorySegment> call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_LONG);
            call.accept(out);
            return out.get(JAVA_LONG, 0);
        }
    }
}
