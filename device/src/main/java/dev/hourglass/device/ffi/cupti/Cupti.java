package dev.hourglass.device.ffi.cupti;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.hourglass.device.ffi.library.NativeText;
import dev.hourglass.device.ffi.library.SharedLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// CUPTI in this process: what the GPU and the calls to it do, as records in buffers. One per process; kinds of
/// record are enabled before the CUDA runtime is first used.
public final class Cupti {
    /// Kinds of activity that are enabled, as CUPTI numbers them.
    public static final int MEMCPY = 1;

    public static final int MEMSET = 2;
    public static final int RUNTIME = 5;
    public static final int KERNEL = 10;
    public static final int SYNCHRONIZATION = 38;
    public static final int GRAPH_TRACE = 51;

    /// Domains of calls.
    private static final int DOMAIN_RUNTIME = 2;

    private static final int THREADS_OF_THE_SYSTEM = 1;
    private static final int EVEN_UNFINISHED = 1;
    private static final List<String> NAMES = List.of("libcupti.so.13", "libcupti.so.12", "libcupti.so");

    private final CuptiCalls calls;
    private final String place;
    private final Buffers buffers = new Buffers();

    private Cupti(CuptiCalls calls, String place) {
        this.calls = calls;
        this.place = place;
    }

    /// CUPTI, or why there is none.
    public sealed interface Outcome {
        record Ready(Cupti cupti) implements Outcome {}

        /// @param reason in one sentence
        record Absent(String reason) implements Outcome {}
    }

    /// Goes over records of a buffer.
    @FunctionalInterface
    public interface Visitor {
        /// @param kind of the record
        /// @param record all bytes from its beginning to the buffer's end
        void record(int kind, MemorySegment record);
    }

    /// @param directories where it may lie beside the system's places
    public static Outcome open(List<Path> directories) {
        return switch (SharedLibrary.find(NAMES, directories)) {
            case SharedLibrary.Missing none -> new Outcome.Absent("no CUPTI: " + none.reason());
            case SharedLibrary.Open open -> {
                CuptiCalls calls = new CuptiCalls(open.symbols());
                yield calls.missing().isEmpty()
                        ? new Outcome.Ready(new Cupti(calls, open.place()))
                        : new Outcome.Absent(
                                open.place() + " is too old: it lacks " + String.join(", ", calls.missing()));
            }
        };
    }

    /// File, or the bare name where the system's loader found it.
    public String place() {
        return place;
    }

    /// As the library counts: 26 for CUDA 12.8, 130001 for 13.0.
    public long version() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_INT);
            calls.version(out);
            return Integer.toUnsignedLong(out.get(JAVA_INT, 0));
        }
    }

    /// Nanoseconds by the clock of the records.
    public long timestamp() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_LONG);
            calls.timestamp(out);
            return out.get(JAVA_LONG, 0);
        }
    }

    /// From now on records of these kinds are made; they are thrown away until [#keep].
    ///
    /// @throws CuptiException if CUPTI refuses
    public void enable(List<Integer> kinds) {
        calls.threadIdType(THREADS_OF_THE_SYSTEM);
        calls.register(buffers.requested(), buffers.completed());
        kinds.forEach(calls::enable);
    }

    /// Throws away what was recorded until now, and keeps what follows.
    public void keep() {
        calls.flush(EVEN_UNFINISHED);
        buffers.keep();
    }

    /// Has all records handed over.
    public void flush() {
        calls.flush(EVEN_UNFINISHED);
    }

    /// The next buffer with records, to be given back with [#release].
    public Optional<Buffers.Filled> take() {
        return buffers.take();
    }

    public void release(Buffers.Filled filled) {
        buffers.release(filled);
    }

    /// Records that found no room.
    public long dropped() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_LONG);
            calls.dropped(out);
            return out.get(JAVA_LONG, 0) + buffers.refused();
        }
    }

    /// Goes over the records of a buffer, as the library steps from one to the next.
    @SuppressWarnings("restricted")
    public void walk(Buffers.Filled filled, Visitor visitor) {
        MemorySegment bytes = filled.bytes();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment record = arena.allocate(ADDRESS);
            while (calls.next(filled.buffer(), bytes.byteSize(), record)) {
                long at = record.get(ADDRESS, 0).address() - bytes.address();
                if (at < 0 || at + Integer.BYTES > bytes.byteSize()) {
                    return;
                }
                visitor.record(bytes.get(JAVA_INT, at), bytes.asSlice(at));
            }
        }
    }

    /// What a call of the runtime is called; empty where the library does not know its number.
    public Optional<String> runtimeCall(int number) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            return calls.callbackName(DOMAIN_RUNTIME, number, out)
                            && out.get(ADDRESS, 0).address() != 0
                    ? Optional.of(NativeText.of(out.get(ADDRESS, 0)))
                    : Optional.empty();
        }
    }

    /// A text that a record points at.
    @SuppressWarnings("restricted")
    public String text(long pointer) {
        return pointer == 0
                ? ""
                : MemorySegment.ofAddress(pointer).reinterpret(Long.MAX_VALUE).getString(0);
    }
}
