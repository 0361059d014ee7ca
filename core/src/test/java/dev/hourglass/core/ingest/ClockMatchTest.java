package dev.hourglass.core.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Two clocks see the same run; how far apart they are is planted.
final class ClockMatchTest {
    private static final long OFFSET = 1_795_303_224_123_456_789L;

    /// A run of steps with layers inside; what each clock saw of it.
    private static final class Run {
        private final Random random;
        private final Map<String, List<Long>> own = new HashMap<>();
        private final Map<String, List<Long>> other = new HashMap<>();

        Run(long seed) {
            random = new Random(seed);
        }

        /// @param wander standard deviation of a step's length
        /// @param jitter standard deviation of the two clocks' difference
        /// @param lost share of events that each side misses
        Run steps(int steps, long length, double wander, double jitter, double lost) {
            long ts = 5_000_000;
            for (int i = 0; i < steps; i++) {
                see("decode", ts, jitter, lost);
                see("attention", ts + length / 4, jitter, lost);
                see("mlp", ts + length / 2, jitter, lost);
                ts += length + Math.round(wander * random.nextGaussian());
            }
            return this;
        }

        Run see(String name, long ts, double jitter, double lost) {
            if (random.nextDouble() >= lost) {
                own.computeIfAbsent(name, n -> new ArrayList<>()).add(ts);
            }
            if (random.nextDouble() >= lost) {
                other.computeIfAbsent(name, n -> new ArrayList<>())
                        .add(ts + OFFSET + Math.round(jitter * random.nextGaussian()));
            }
            return this;
        }

        ClockMatch.Answer match() {
            return ClockMatch.of(arrays(own), arrays(other));
        }

        private static Map<String, long[]> arrays(Map<String, List<Long>> lists) {
            Map<String, long[]> arrays = new HashMap<>();
            lists.forEach((name, list) -> arrays.put(
                    name, list.stream().mapToLong(Long::longValue).sorted().toArray()));
            return arrays;
        }
    }

    private static ClockMatch.Found found(ClockMatch.Answer answer) {
        assertThat(answer).isInstanceOf(ClockMatch.Found.class);
        return (ClockMatch.Found) answer;
    }

    private static String refused(ClockMatch.Answer answer) {
        assertThat(answer).isInstanceOf(ClockMatch.Refused.class);
        return ((ClockMatch.Refused) answer).why();
    }

    @Test
    void equalClocksThatAreApartAreFoundExactly() {
        ClockMatch.Found found =
                found(new Run(1).steps(40, 8_000_000, 400_000, 0, 0).match());

        assertThat(found).isEqualTo(new ClockMatch.Found(OFFSET, 0, 120, 120));
    }

    /// The error of a median of n is 1.25 σ/√n; five of those and the residual within a quarter of σ.
    @ParameterizedTest
    @CsvSource({"1000,0", "1000,0.2", "20000,0.1", "150000,0", "150000,0.2"})
    void jitterAndMissingEventsCostPrecisionOnly(double jitter, double lost) {
        for (int seed = 0; seed < 20; seed++) {
            ClockMatch.Found found = found(
                    new Run(seed).steps(100, 8_000_000, 900_000, jitter, lost).match());

            double error = 5 * 1.2533 * jitter / Math.sqrt(found.matches());
            assertThat((double) Math.abs(found.offsetNs() - OFFSET)).isLessThanOrEqualTo(error + 1);
            assertThat((double) found.residualNs()).isBetween(0.6 * jitter, 1.25 * jitter + 2);
            assertThat(found.matches()).isGreaterThan((int) (300 * (1 - lost) * (1 - lost) * 0.5));
        }
    }

    /// One side was stopped for a while now and then: a tenth of its events is late by up to 50 ms.
    @Test
    void aTenthOfWildOutliersDoesNotMoveTheOffset() {
        Run run = new Run(7).steps(60, 8_000_000, 700_000, 2_000, 0);
        for (int i = 0; i < 20; i++) {
            run.own.get("mlp").set(i * 3, run.own.get("mlp").get(i * 3) - i * 2_500_000L);
        }

        ClockMatch.Found found = found(run.match());

        assertThat(Math.abs(found.offsetNs() - OFFSET)).isLessThan(1_500);
        assertThat(found.residualNs()).isBetween(1_000L, 3_500L);
    }

    @Test
    void oneWindowInsideTheOtherIsFound() {
        Run run = new Run(3).steps(200, 8_000_000, 500_000, 1_000, 0);
        run.own.replaceAll((name, times) -> times.subList(90, 110));

        ClockMatch.Found found = found(run.match());

        assertThat(Math.abs(found.offsetNs() - OFFSET)).isLessThan(2_000);
        assertThat(found.shared()).isEqualTo(60);
    }

    /// Numbered steps need no irregularity.
    @Test
    void numberedStepsOfOneLengthAreFound() {
        Run run = new Run(4);
        for (int i = 0; i < 3; i++) {
            run.see("ProfilerStep#" + i, 1_000_000L * i, 0, 0);
        }

        assertThat(found(run.match())).isEqualTo(new ClockMatch.Found(OFFSET, 0, 3, 3));
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 10, 100})
    void stepsOfOneLengthWithOneNameAreAmbiguous(int steps) {
        Run run = new Run(5);
        for (int i = 0; i < steps; i++) {
            run.see("decode", 4_000_000L * i, 100, 0);
        }

        assertThat(refused(run.match())).contains("two offsets").contains("fit almost equally well");
    }

    @Test
    void aSpreadOverOneMillisecondIsRefused() {
        assertThat(refused(new Run(6)
                        .steps(50, 80_000_000, 9_000_000, 20_000_000, 0)
                        .match()))
                .contains("to within 1 ms");
    }

    /// The same program twice: the same names as often, each step of a length of its own.
    @Test
    void twoRunsOfOneProgramAreRefused() {
        for (int seed = 0; seed < 20; seed++) {
            Run first = new Run(seed).steps(100, 30_000_000, 1_500_000, 0, 0);
            Run second = new Run(seed + 1000).steps(100, 30_000_000, 1_500_000, 0, 0);

            refused(ClockMatch.of(Run.arrays(first.own), Run.arrays(second.other)));
        }
    }

    @Test
    void nothingOrTooLittleInCommonIsRefused() {
        assertThat(refused(ClockMatch.of(Map.of("a", new long[] {1, 2, 3}), Map.of("b", new long[] {1}))))
                .isEqualTo("no annotation occurs in both");
        assertThat(refused(ClockMatch.of(
                        Map.of("a", new long[] {1}, "b", new long[] {9}),
                        Map.of("a", new long[] {101}, "b", new long[] {109}))))
                .startsWith("only 2 annotations occur in both");
    }

    @Test
    void frequentNamesArePairedNearTheirOrder() {
        Run run = new Run(8);
        long ts = 0;
        for (int i = 0; i < 4_000; i++) {
            ts += 300_000 + run.random.nextInt(400_000);
            run.see("layer", ts, 500, 0.01);
        }

        assertThat(Math.abs(found(run.match()).offsetNs() - OFFSET)).isLessThan(200);
    }

    @Test
    void theSameDeviceWorkTwiceIsFoundByItsNumbers() {
        Random random = new Random(9);
        long[] same = random.longs(500, 0, 2).map(d -> OFFSET + d).toArray();
        long[] otherRun = random.longs(500, 0, 40_000_000).map(d -> OFFSET + d).toArray();

        assertThat(CorrelationMatch.of(same, 500).orElseThrow().offsetNs()).isBetween(OFFSET, OFFSET + 1);
        assertThat(CorrelationMatch.of(same, 400)).as("other names").isEmpty();
        assertThat(CorrelationMatch.of(otherRun, 500)).as("another run").isEmpty();
        assertThat(CorrelationMatch.of(new long[19], 19)).as("too few").isEmpty();
    }
}
