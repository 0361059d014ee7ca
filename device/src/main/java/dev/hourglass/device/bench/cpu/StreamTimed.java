package dev.hourglass.device.bench.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.hourglass.device.bench.Check;
import dev.hourglass.device.bench.Sample;
import dev.hourglass.device.bench.Timed;
import dev.hourglass.device.bench.Work;
import java.lang.foreign.MemorySegment;

/// Memory that some threads read or write at the same time, window by window over their areas.
final class StreamTimed implements Timed {
    private static final double ALLOWED = 1e-6;
    private static final byte POISON = 0x7F;

    private final Work work;
    private final Team team;
    private final Streams streams;
    private final Streams.Kind kind;
    private final Streams.Loop loop;
    private final Window window;
    private long round;

    /// @param array bytes of each of a thread's arrays that one sample touches
    /// @param area bytes of a thread's area that the windows go through
    /// @param times over the same window in one sample
    record Window(long array, long area, long times) {
        /// Where an array of the round begins.
        long at(long round, int array, int arrays) {
            long each = area / arrays / this.array * this.array;
            return array * each + round * this.array % each;
        }
    }

    /// @param work of one sample of all threads
    StreamTimed(Work work, Team team, Streams streams, Streams.Kind kind, Streams.Loop loop, Window window) {
        this.work = work;
        this.team = team;
        this.streams = streams;
        this.kind = kind;
        this.loop = loop;
        this.window = window;
    }

    @Override
    public Work work() {
        return work;
    }

    /// In a cache no line is read for the sake of a store that is not there already.
    @Override
    public double busBytes() {
        return work.cache() == Work.Cache.COLD
                ? (double) kind.busBytes(window.array) * team.size() * window.times
                : work.bytes();
    }

    @Override
    public Check check() {
        if (kind == Streams.Kind.READ) {
            team.run(this::run);
            return new Check.Unchecked("reading leaves nothing to compare");
        }
        MemorySegment last = part(0, kind.arrays() - 1);
        last.fill(POISON);
        team.run(this::run);
        double[] is = new double[(int) (window.array / Float.BYTES)];
        double[] should = new double[is.length];
        for (int i = 0; i < is.length; i++) {
            is[i] = last.getAtIndex(JAVA_FLOAT, i);
            should[i] = part(0, 0).getAtIndex(JAVA_FLOAT, i)
                    + (kind.arrays() == 3 ? (double) Streams.FACTOR * part(0, 1).getAtIndex(JAVA_FLOAT, i) : 0);
        }
        return Check.of(Arithmetic.frobenius(is, should), ALLOWED);
    }

    private MemorySegment part(int thread, int array) {
        return streams.areas().get(thread).asSlice(window.at(round, array, kind.arrays()), window.array);
    }

    private void run(int thread, int threads) {
        MemorySegment a = part(thread, 0);
        MemorySegment b = kind.arrays() > 1 ? part(thread, 1) : a;
        MemorySegment c = kind.arrays() > 2 ? part(thread, 2) : b;
        loop.run(a, b, c, window.array, window.times);
    }

    @Override
    public Sample sample() {
        Sample sample = team.sample(this::run, 1);
        round++;
        return sample;
    }

    @Override
    public void close() {
        // Its memory is the backend's.
    }
}
