package dev.hourglass.device.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.core.stat.StopRule;
import dev.hourglass.core.trace.BenchTables;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.unit.Unit;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/// A simulator of operators, with the faults that benchmarks are known for planted in it.
class HarnessTest {
    private static final StopRule RULE = new StopRule(0.01, 20, 400, Duration.ofSeconds(30));
    private static final double MEBI = 1 << 20;

    private final List<String> order = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(5);

    /// An operator that takes 100 µs for 1 MiB, give or take 1 %.
    private final class Simulated implements Timed {
        private final String op;
        private final Check check;
        private final Work.Cache cache;
        private final IntFunction<Sample> sample;
        private int taken;

        Simulated(String op, Check check, Work.Cache cache, IntFunction<Sample> sample) {
            this.op = op;
            this.check = check;
            this.cache = cache;
            this.sample = sample;
        }

        @Override
        public Work work() {
            return new Work(op, Map.of("n", 1L), "fp32", "cpu", cache, "test", "", "", 0, MEBI, 1 << 20, "simulated");
        }

        @Override
        public Check check() {
            return check;
        }

        @Override
        public Sample sample() {
            order.add(op);
            return sample.apply(taken++);
        }

        @Override
        public void close() {}
    }

    private Sample usual(double ns) {
        return new Sample(ns * (1 + 0.01 * random.nextGaussian()), OptionalDouble.of(3000), false);
    }

    private Timed fine(String op) {
        return new Simulated(op, Check.of(0, 1e-5), Work.Cache.COLD, i -> usual(100_000));
    }

    private static List<BenchResult> run(Roofs roofs, Timed... timed) {
        return new Harness(RULE, Duration.ZERO, () -> false, (done, of, left) -> {}).run(List.of(timed), roofs);
    }

    private static Roofs memory(double bytesPerSecond) {
        Ceiling ceiling =
                Ceiling.known("dram_read", "cpu", "", bytesPerSecond, Unit.BYTES_PER_SECOND, OptionalDouble.empty());
        return new Roofs(List.of(ceiling), Map.of());
    }

    @Test
    void knowsTheMedianAndItsShareOfTheRoof() {
        BenchResult result = run(memory(MEBI / 50e-6), fine("a")).getFirst();

        assertThat(result.median().orElseThrow().value()).isCloseTo(100_000, within(1_500.0));
        assertThat(result.reason()).isEqualTo(StopRule.Reason.PRECISION);
        assertThat(result.percentOfRoof().orElseThrow()).isCloseTo(50, within(1.0));
        assertThat(result.noiseFloor().orElseThrow()).isLessThan(0.02);
        assertThat(result.doubt()).isEmpty();
    }

    @Test
    void takesTurns() {
        List<BenchResult> results = run(Roofs.unknown(), fine("a"), fine("b"), fine("c"));

        assertThat(results).hasSize(3);
        assertThat(order.subList(3, 11)).containsExactly("a", "b", "c", "a", "a", "b", "c", "a");
    }

    /// The inputs are said to lie in memory, and come faster than memory is.
    @Test
    void aWarmCacheIsDoubted() {
        Timed warm = new Simulated("warm", Check.of(0, 1), Work.Cache.COLD, i -> usual(30_000));

        assertThat(run(memory(MEBI / 100e-6), warm).getFirst().doubt()).contains("lay in a cache");
        assertThat(run(memory(MEBI / 29e-6), warm).getFirst().doubt()).isEmpty();
    }

    @Test
    void aWrongOutputShowsNoTime() {
        Timed wrong = new Simulated("wrong", Check.of(0.2, 1e-5), Work.Cache.COLD, i -> usual(10));
        BenchResult result = run(Roofs.unknown(), wrong, fine("b")).getFirst();

        assertThat(result.median()).isEmpty();
        assertThat(order).doesNotContain("wrong");
        assertThat(cell(result, "median")).isEqualTo("NULL");
        assertThat(cell(result, "checks")).startsWith("wrong: error 0.2");
    }

    /// A result of zeros throughout has no size that an error could be held against.
    @Test
    void zerosThroughoutAreWrong() {
        assertThat(Check.of(Math.sqrt(0.0 / 0.0), 1e-5)).isInstanceOf(Check.Wrong.class);
    }

    @Test
    void samplesAtALowerClockDoNotCount() {
        Timed slowed = new Simulated(
                "slowed",
                Check.of(0, 1),
                Work.Cache.COLD,
                i -> i % 3 == 0 ? new Sample(125_000, OptionalDouble.of(2400), false) : usual(100_000));
        BenchResult result = run(Roofs.unknown(), slowed).getFirst();

        assertThat(result.droppedCount())
                .isBetween(result.samples().size() / 4, result.samples().size() / 2);
        assertThat(Arrays.stream(result.times()).max().orElseThrow()).isLessThan(110_000);
        assertThat(result.clockMhz()).hasValue(3000);
    }

    @Test
    void samplesThatWereHeldBackDoNotCountUnlessAllWere() {
        Timed some = new Simulated(
                "some",
                Check.of(0, 1),
                Work.Cache.COLD,
                i -> i % 4 == 1 ? new Sample(500_000, OptionalDouble.of(3000), true) : usual(100_000));
        Timed all = new Simulated(
                "all", Check.of(0, 1), Work.Cache.COLD, i -> new Sample(500_000 + i, OptionalDouble.empty(), true));
        List<BenchResult> results = run(Roofs.unknown(), some, all);

        assertThat(results.getFirst().median().orElseThrow().high()).isLessThan(105_000);
        assertThat(results.getFirst().droppedCount()).isPositive();
        assertThat(results.getLast().times()).isNotEmpty();
        assertThat(results.getLast().doubt()).contains("held back");
    }

    @Test
    void whoeverAsksForAnEndGetsWhatWasMeasured() {
        int[] asked = {0};
        List<BenchResult> results = new Harness(RULE, Duration.ZERO, () -> asked[0]++ > 8, (done, of, left) -> {})
                .run(List.of(fine("a")), Roofs.unknown());

        assertThat(results.getFirst().reason()).isEqualTo(StopRule.Reason.INTERRUPTED);
        assertThat(results.getFirst().samples()).isNotEmpty();
    }

    @Test
    void aRowHoldsEverySampleAndNo99thPercentileOfFew() {
        BenchResult result = run(Roofs.unknown(), fine("a")).getFirst();
        List<EventBatch> batches = new ArrayList<>();
        new BenchRows(batches::add).write(result, "hourglass kernels --op a");

        assertThat(batches.getLast().table()).isEqualTo(BenchTables.BENCH_SAMPLE);
        assertThat(batches.getLast().size()).isEqualTo(result.samples().size());
        assertThat(cell(result, "p99")).isEqualTo(result.times().length < 100 ? "NULL" : "x");
        assertThat(cell(result, "percent_of_roof")).isEqualTo("NULL");
    }

    /// A text, `x` for a number, `NULL`.
    private static String cell(BenchResult result, String column) {
        List<EventBatch> batches = new ArrayList<>();
        new BenchRows(batches::add).write(result, "");
        EventBatch row = batches.getFirst();
        int c = BenchTables.BENCH_RESULT.indexOf(column);
        if (row.isNull(c, 0)) {
            return "NULL";
        }
        byte[] text = BenchTables.BENCH_RESULT.columns().get(c).type() == dev.hourglass.core.trace.Column.Type.TEXT
                ? row.texts(c)[0]
                : null;
        return text == null ? "x" : new String(text, StandardCharsets.UTF_8);
    }
}
