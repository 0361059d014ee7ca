package dev.hourglass.device.bench;

import dev.hourglass.device.ffi.posix.Posix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/// Threads that read their buffers window by window, all in the same round.
final class ReadTeam {
    /// Rounds after which it ends, however much of the time is left.
    private static final int MOST_ROUNDS = 20_000;
    /// Looks at the others before a thread lets the machine run them instead.
    private static final int SPINS_BEFORE_YIELD = 10_000;
    /// Random bytes that a buffer repeats.
    private static final int RANDOM_BYTES = 1 << 20;
    private static final long ODD_BYTES = 0x0101_0101_0101_0101L;

    private final List<MemorySegment> buffers;
    private final long window;
    private final long timeNs;
    private final AtomicLong arrived = new AtomicLong();
    private final long[][] starts;
    private final long[][] ends;
    private volatile long lastRound = MOST_ROUNDS;
    private volatile boolean found;

    ReadTeam(List<MemorySegment> buffers, long window, Duration time) {
        this.buffers = List.copyOf(buffers);
        this.window = window;
        this.timeNs = time.toNanos();
        this.starts = new long[buffers.size()][MOST_ROUNDS];
        this.ends = new long[buffers.size()][MOST_ROUNDS];
    }

    /// Bytes per second of each round, all threads together.
    double[] run() throws InterruptedException {
        List<Thread> team = new ArrayList<>();
        for (int i = 0; i < buffers.size(); i++) {
            int me = i;
            team.add(Thread.ofPlatform().daemon().name("hourglass-read-" + i).start(() -> read(me)));
        }
        try {
            for (Thread thread : team) {
                thread.join();
            }
        } catch (InterruptedException stop) {
            lastRound = 0;
            for (Thread thread : team) {
                joinRegardless(thread);
            }
            throw stop;
        }
        if (found) {
            throw new IllegalStateException("the C library's memchr found a byte that is not there");
        }
        return rates();
    }

    /// The buffers must outlive the threads.
    private static void joinRegardless(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void read(int me) {
        MemorySegment buffer = buffers.get(me);
        fill(buffer, me);
        long windows = buffer.byteSize() / window;
        long deadline = Long.MAX_VALUE;
        for (int round = 0; ; round++) {
            if (me == 0 && round > 0 && System.nanoTime() >= deadline) {
                lastRound = Math.min(round, lastRound);
            }
            meet((long) buffers.size() * (round + 1));
            if (round >= lastRound) {
                return;
            }
            long start = System.nanoTime();
            boolean zero = Posix.contains(buffer.asSlice(round % windows * window, window), 0);
            ends[me][round] = System.nanoTime();
            found = found || zero;
            starts[me][round] = start;
            deadline = round == 0 ? start + timeNs : deadline;
        }
    }

    /// Random bytes, none of them zero. The first touch places the memory next to the thread.
    private static void fill(MemorySegment buffer, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long block = Math.min(RANDOM_BYTES, buffer.byteSize());
        for (long at = 0; at < block; at += Long.BYTES) {
            buffer.set(ValueLayout.JAVA_LONG, at, random.nextLong() | ODD_BYTES);
        }
        for (long at = block; at < buffer.byteSize(); at += block) {
            long length = Math.min(block, buffer.byteSize() - at);
            MemorySegment.copy(buffer, 0, buffer, at, length);
        }
    }

    /// Waits until all have come. The interrupt's early end may come between two rounds for one thread and
    /// after the next for another, so whoever sees the end leaves without waiting.
    /// Yields in the end: on a machine with less free CPUs than threads, spinning keeps the others from coming.
    @SuppressWarnings("ThreadPriorityCheck")
    private void meet(long target) {
        arrived.incrementAndGet();
        for (int spins = 0; arrived.get() < target && lastRound > 0; spins++) {
            if (spins < SPINS_BEFORE_YIELD) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }

    private double[] rates() {
        double[] rates = new double[(int) lastRound];
        for (int round = 0; round < rates.length; round++) {
            long first = Long.MAX_VALUE;
            long last = Long.MIN_VALUE;
            for (int i = 0; i < starts.length; i++) {
                first = Math.min(first, starts[i][round]);
                last = Math.max(last, ends[i][round]);
            }
            rates[round] = window * buffers.size() * 1e9 / (last - first);
        }
        return rates;
    }
}
