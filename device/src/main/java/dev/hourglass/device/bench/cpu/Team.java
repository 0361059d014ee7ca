package dev.hourglass.device.bench.cpu;

import dev.hourglass.device.bench.Sample;
import dev.hourglass.device.ffi.posix.Posix;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Threads that do their parts of one piece of work at the same time. The caller is the first of them.
///
/// A piece counts from the first start to the last end. The threads are not pinned, as an engine's are not.
final class Team implements AutoCloseable {
    /// Looks at the others before a thread lets the machine run them instead.
    private static final int SPINS_BEFORE_YIELD = 20_000;
    /// Waits for the next piece before a thread sleeps.
    private static final int SPINS_BEFORE_SLEEP = 20_000;

    private static final long NAP_NS = 200_000;
    /// Share of the time below which a thread did not run, because the machine ran others.
    private static final double UNDISTURBED = 0.97;

    /// Part of a piece.
    interface Work {
        /// @param part of `parts`, from 0
        void run(int part, int parts);
    }

    private final int size;
    private final Clock clock;
    private final long[] starts;
    private final long[] ends;
    private final boolean[] disturbed;
    private final AtomicLong piece = new AtomicLong();
    private final AtomicInteger ready = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private volatile Work work = (part, parts) -> {};
    private volatile boolean closed;
    private volatile @Nullable Throwable failure;

    Team(int size, Clock clock) {
        this.size = size;
        this.clock = clock;
        this.starts = new long[size];
        this.ends = new long[size];
        this.disturbed = new boolean[size];
        for (int i = 1; i < size; i++) {
            int me = i;
            Thread.ofPlatform().daemon().name("hourglass-team-" + i).start(() -> serve(me));
        }
    }

    int size() {
        return size;
    }

    /// Runs a piece.
    ///
    /// @return nanoseconds from the first start to the last end
    long run(Work next) {
        work = next;
        ready.set(0);
        done.set(0);
        piece.incrementAndGet();
        doPart(0);
        waitFor(done, size);
        Throwable failed = failure;
        if (failed != null) {
            failure = null;
            throw new IllegalStateException("a part of a piece of work failed", failed);
        }
        long first = Long.MAX_VALUE;
        long last = Long.MIN_VALUE;
        for (int i = 0; i < size; i++) {
            first = Math.min(first, starts[i]);
            last = Math.max(last, ends[i]);
        }
        return last - first;
    }

    /// Times a piece of `calls` calls, with the clock before it.
    Sample sample(Work next, int calls) {
        OptionalDouble mhz = clock.megahertz();
        long ns = run(next);
        boolean held = false;
        for (boolean of : disturbed) {
            held |= of;
        }
        return new Sample((double) ns / calls, mhz, held);
    }

    private void serve(int me) {
        long seen = 0;
        while (!closed) {
            int spins = 0;
            while (piece.get() == seen && !closed) {
                if (spins++ < SPINS_BEFORE_SLEEP) {
                    Thread.onSpinWait();
                } else {
                    LockSupport.parkNanos(NAP_NS);
                }
            }
            if (!closed) {
                seen = piece.get();
                doPart(me);
            }
        }
    }

    private void doPart(int me) {
        ready.incrementAndGet();
        waitFor(ready, size);
        long cpu = Posix.threadCpuNs();
        long start = System.nanoTime();
        try {
            work.run(me, size);
        } catch (Throwable t) {
            failure = t;
        }
        long end = System.nanoTime();
        disturbed[me] = Posix.threadCpuNs() - cpu < UNDISTURBED * (end - start);
        starts[me] = start;
        ends[me] = end;
        done.incrementAndGet();
    }

    /// Yields in the end: on a machine with less free CPUs than threads, spinning keeps the others from coming.
    @SuppressWarnings("ThreadPriorityCheck")
    private void waitFor(AtomicInteger counter, int target) {
        for (int spins = 0; counter.get() < target && !closed; spins++) {
            if (spins < SPINS_BEFORE_YIELD) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }

    /// Part of `count` things.
    ///
    /// @return the first thing of the part; that of the next part is its end
    static int from(int count, int part, int parts) {
        return (int) ((long) count * part / parts);
    }

    @Override
    public void close() {
        closed = true;
    }
}
