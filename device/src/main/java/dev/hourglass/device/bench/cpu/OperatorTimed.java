package dev.hourglass.device.bench.cpu;

import dev.hourglass.device.bench.Check;
import dev.hourglass.device.bench.Sample;
import dev.hourglass.device.bench.Timed;
import dev.hourglass.device.bench.Work;
import java.util.Map;

/// An operator in plain Java, by all threads of a team.
final class OperatorTimed implements Timed {
    /// Hot calls follow each other for so long in one sample.
    private static final long SAMPLE_NS = 500_000;

    private static final int MOST_CALLS = 1_000;
    private static final int COMPILED_AFTER = 3;
    private static final long COMPILING_NS = 300_000_000;

    private final CpuOperator operator;
    private final Work work;
    private final Team team;
    private final Flush flush;
    private final Work.Cache cache;
    private int calls = 1;

    OperatorTimed(Named named, Work.Cache cache, CpuOperator operator, Team team, Flush flush) {
        this.operator = operator;
        this.team = team;
        this.flush = flush;
        this.cache = cache;
        this.work = new Work(
                named.op,
                named.axes,
                named.dtype,
                "cpu",
                cache,
                operator.backend(),
                operator.kernel() + ", " + (operator.alone() ? 1 : team.size()) + " threads",
                operator.library(),
                operator.flops(),
                operator.bytes(),
                operator.memoryBytes(),
                cache == Work.Cache.COLD
                        ? "monotonic clock around one call, after " + (flush.bytes() >> 20) + " MiB were written"
                        : "monotonic clock around calls for half a millisecond");
    }

    /// What it is called, at which sizes.
    record Named(String op, Map<String, Long> axes, String dtype) {}

    @Override
    public Work work() {
        return work;
    }

    @Override
    public Check check() {
        operator.poison();
        team.run(this::once);
        Check check = Check.of(Arithmetic.frobenius(operator.outputs(), operator.reference()), operator.allowed());
        calibrate();
        return check;
    }

    /// Lets the compiler do its work, and finds how many hot calls make a sample.
    private void calibrate() {
        long end = System.nanoTime() + COMPILING_NS;
        long ns = Long.MAX_VALUE;
        for (int i = 0; i < COMPILED_AFTER || System.nanoTime() < end; i++) {
            ns = Math.min(ns, team.run(this::once));
        }
        if (cache == Work.Cache.HOT) {
            calls = Math.clamp(SAMPLE_NS / Math.max(1, ns), 1, MOST_CALLS);
        }
    }

    private void once(int part, int parts) {
        if (!operator.alone()) {
            operator.run(part, parts);
        } else if (part == 0) {
            operator.run(0, 1);
        }
    }

    /// Parts of one call end before the next begins only at the end of the sample: no operator reads what another
    /// part wrote.
    @Override
    public Sample sample() {
        if (cache == Work.Cache.COLD) {
            flush.run();
        }
        return team.sample(
                (part, parts) -> {
                    for (int i = 0; i < calls; i++) {
                        once(part, parts);
                    }
                },
                calls);
    }

    @Override
    public void close() {
        // Its arrays are garbage then.
    }
}
