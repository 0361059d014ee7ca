package dev.hourglass.device.llama;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.hourglass.core.read.cupti.ActivityFacts;
import dev.hourglass.device.ffi.cupti.Buffers;
import dev.hourglass.device.ffi.cupti.Cupti;
import dev.hourglass.device.ffi.cupti.CuptiException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// CUPTI at work in the engine's process: enabled before the engine starts, its buffers written down when all steps
/// are over. Nothing is read while a step is timed.
final class ActivityTap {
    /// Graphs as wholes: enabled later, with graphs there, the next launch ends the process.
    private static final List<Integer> CALLS =
            List.of(Cupti.GRAPH_TRACE, Cupti.MEMCPY, Cupti.MEMSET, Cupti.RUNTIME, Cupti.SYNCHRONIZATION);

    private static final List<Integer> KERNELS =
            List.of(Cupti.KERNEL, Cupti.MEMCPY, Cupti.MEMSET, Cupti.RUNTIME, Cupti.SYNCHRONIZATION);

    /// Brackets around CUPTI's clock, of which the tightest counts.
    private static final int BRACKETS = 9;

    private static final int CALL_NUMBER = 4;
    private static final int KERNEL_NAME = 104;

    private final Cupti cupti;
    private final ActivityFile file;
    private final Map<Integer, Integer> sizes = new HashMap<>();
    private final Map<Integer, String> calls = new HashMap<>();
    private final Set<Long> named = new HashSet<>();
    private int kindBefore;
    private long placeBefore;

    private ActivityTap(Cupti cupti, ActivityFile file) {
        this.cupti = cupti;
        this.file = file;
    }

    /// Enables what a way of observing needs; nothing where it needs none.
    ///
    /// @param places directories in which CUPTI may lie
    /// @throws EngineException if CUPTI refuses, or is not there though every kernel is wanted
    static Optional<ActivityTap> open(Observing observing, List<Path> places, Path file) throws IOException {
        if (observing == Observing.NOTHING) {
            return Optional.empty();
        }
        return switch (Cupti.open(places)) {
            case Cupti.Outcome.Absent absent -> {
                if (observing == Observing.KERNELS) {
                    throw new EngineException(absent.reason());
                }
                yield Optional.empty();
            }
            case Cupti.Outcome.Ready ready -> {
                try {
                    ready.cupti().enable(observing == Observing.CALLS ? CALLS : KERNELS);
                } catch (CuptiException e) {
                    throw new EngineException("CUPTI cannot record here: " + e.getMessage(), e);
                }
                yield Optional.of(new ActivityTap(
                        ready.cupti(),
                        ActivityFile.create(file, ProcessHandle.current().pid())));
            }
        };
    }

    /// For the session.
    String described() {
        return "CUPTI " + cupti.version() + " of " + cupti.place();
    }

    /// Measuring begins.
    void keep() throws IOException {
        cupti.keep();
        moment();
    }

    /// Notes what both clocks show, by the tightest of some brackets.
    void moment() throws IOException {
        long tightest = Long.MAX_VALUE;
        long ts = 0;
        long device = 0;
        for (int i = 0; i < BRACKETS; i++) {
            long before = System.nanoTime();
            long between = cupti.timestamp();
            long after = System.nanoTime();
            if (after - before < tightest) {
                tightest = after - before;
                ts = before + (after - before) / 2;
                device = between;
            }
        }
        file.moment(ts, device, 0);
    }

    void step(long ts, long end, String name) throws IOException {
        file.step(ThreadIds.own(), ts, end, name);
    }

    /// Measuring is over: writes everything down.
    void close() throws IOException {
        moment();
        cupti.flush();
        List<Buffers.Filled> all = new ArrayList<>();
        for (Optional<Buffers.Filled> next = cupti.take(); next.isPresent(); next = cupti.take()) {
            all.add(next.orElseThrow());
        }
        for (Buffers.Filled filled : all) {
            placeBefore = -1;
            cupti.walk(
                    filled, (kind, record) -> look(kind, record, filled.bytes().address()));
        }
        file.facts(new ActivityFacts(cupti.version(), sizes, calls, Map.of()));
        for (long pointer : named) {
            file.name(pointer, cupti.text(pointer));
        }
        for (Buffers.Filled filled : all) {
            file.records(filled.bytes());
            cupti.release(filled);
        }
        long now = System.nanoTime();
        file.moment(now, cupti.timestamp(), cupti.dropped());
        file.close();
    }

    /// Learns the bytes of each kind from where the next record stands, names of calls, pointers to names of kernels.
    private void look(int kind, MemorySegment record, long buffer) {
        long place = record.address() - buffer;
        if (placeBefore >= 0) {
            sizes.put(kindBefore, (int) (place - placeBefore));
        }
        kindBefore = kind;
        placeBefore = place;
        if (kind == Cupti.RUNTIME) {
            int number = record.get(JAVA_INT_UNALIGNED, CALL_NUMBER);
            calls.computeIfAbsent(number, n -> cupti.runtimeCall(n).orElse("cudaCall " + n));
        } else if (kind == Cupti.KERNEL) {
            named.add(record.get(JAVA_LONG_UNALIGNED, KERNEL_NAME));
        }
    }
}
