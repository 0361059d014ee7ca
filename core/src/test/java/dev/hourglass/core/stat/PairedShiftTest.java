package dev.hourglass.core.stat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.commons.statistics.inference.ContinuityCorrection;
import org.apache.commons.statistics.inference.PValueMethod;
import org.apache.commons.statistics.inference.WilcoxonSignedRankTest;
import org.junit.jupiter.api.Test;

class PairedShiftTest {

    /// The 15 means of pairs (each with itself too), sorted: 1 1.5 2 2 2.5 2.5 3 *3* 3.5 4 5.5 6 6.5 7 10.
    @Test
    void estimateIsTheMedianOfPairwiseMeans() {
        PairedShift shift = PairedShift.of(new double[] {1, 2, 3, 4, 10});
        assertThat(shift.estimate()).isEqualTo(3.0, within(1e-12));
    }

    @Test
    void oneOutlierHardlyMovesIt() {
        double[] quiet = new Random(1).doubles(64, 0.9, 1.1).toArray();
        double[] disturbed = quiet.clone();
        disturbed[10] = 1000;
        assertThat(PairedShift.of(disturbed).estimate())
                .isEqualTo(PairedShift.of(quiet).estimate(), within(0.01));
    }

    /// The share of intervals that cover the truth is their level.
    @Test
    void intervalCoversTheTruthNinetyFiveTimesInAHundred() {
        Random random = new Random(7);
        int covered = 0;
        int runs = 2000;
        for (int run = 0; run < runs; run++) {
            double[] sample =
                    random.doubles(32).map(_ -> 2 + random.nextGaussian()).toArray();
            PairedShift shift = PairedShift.of(sample);
            if (shift.low() <= 2 && 2 <= shift.high()) {
                covered++;
            }
        }
        assertThat(covered / (double) runs).isBetween(0.93, 0.97);
    }

    @Test
    void aSinglePairHasNoSpreadToSpeakOf() {
        PairedShift shift = PairedShift.of(new double[] {0.5});
        assertThat(shift.low()).isEqualTo(0.5);
        assertThat(shift.high()).isEqualTo(0.5);
    }

    @Test
    void refusesWhatHasNoOrder() {
        assertThatThrownBy(() -> PairedShift.of(new double[] {1, Double.POSITIVE_INFINITY}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sample 1 of 2 is Infinity");
        assertThatThrownBy(() -> PairedShift.of(new double[0])).isInstanceOf(IllegalArgumentException.class);
    }

    /// The definition: every mean listed and sorted. Same bits.
    @Test
    void isWhatSortingAllMeansGives() {
        Random random = new Random(3);
        for (int n = 1; n <= 200; n++) {
            double[] spread = random.doubles(n, -1e3, 1e3).toArray();
            assertThat(PairedShift.of(spread)).isEqualTo(quadratic(spread));
            double[] tied = random.ints(n, -3, 4).mapToDouble(v -> v).toArray();
            assertThat(PairedShift.of(tied)).isEqualTo(quadratic(tied));
            double[] wide = random.doubles(n)
                    .map(_ -> random.nextGaussian() * Math.pow(10, random.nextInt(-300, 300)))
                    .toArray();
            assertThat(PairedShift.of(wide)).isEqualTo(quadratic(wide));
        }
    }

    @Test
    void extremesNeitherOverflowNorVanish() {
        double huge = Double.MAX_VALUE;
        assertThat(PairedShift.of(new double[] {huge, huge, huge})).isEqualTo(new PairedShift(huge, huge, huge));
        assertThat(PairedShift.of(new double[] {-huge, huge}).estimate()).isZero();
        double least = Double.MIN_VALUE;
        assertThat(PairedShift.of(new double[] {least, least}).estimate()).isEqualTo(least);
        assertThat(PairedShift.of(new double[] {-0.0, 0.0})).isEqualTo(new PairedShift(0.0, 0.0, 0.0));
    }

    /// The ends are where another implementation of the test begins to reject.
    @Test
    void intervalHoldsTheShiftsThatTheSignedRankTestDoesNotReject() {
        WilcoxonSignedRankTest test = WilcoxonSignedRankTest.withDefaults()
                .with(PValueMethod.ASYMPTOTIC)
                .with(ContinuityCorrection.DISABLED);
        Random random = new Random(11);
        for (int n = 10; n < 60; n++) {
            double[] sample = random.doubles(n).map(_ -> random.nextGaussian()).toArray();
            PairedShift shift = PairedShift.of(sample);
            assertThat(test.withMu(shift.low() - 1e-9).test(sample).getPValue()).isLessThan(0.05);
            assertThat(test.withMu(shift.low() + 1e-9).test(sample).getPValue()).isGreaterThan(0.05);
            assertThat(test.withMu(shift.high() + 1e-9).test(sample).getPValue())
                    .isLessThan(0.05);
            assertThat(test.withMu(shift.high() - 1e-9).test(sample).getPValue())
                    .isGreaterThan(0.05);
        }
    }

    /// Ranks counted another way: a search in each row of the means.
    @Test
    void aMillionPairsHaveTheirRanks() {
        int n = 1_000_000;
        long means = n * (n + 1L) / 2;
        Random random = new Random(5);
        double[] sample = random.doubles(n, -1000, 1000)
                .map(v -> random.nextBoolean() ? Math.rint(v) : v)
                .toArray();
        PairedShift shift = PairedShift.of(sample);
        double[] sorted = sample.clone();
        Arrays.sort(sorted);
        assertThat(below(sorted, Math.nextUp(shift.estimate()))).isGreaterThanOrEqualTo(means / 2);
        assertThat(below(sorted, Math.nextDown(shift.estimate()))).isLessThanOrEqualTo(means / 2);
        double left = n * (n + 1.0) / 4 - 1.959963984540054 * Math.sqrt(n * (n + 1.0) * (2.0 * n + 1) / 24);
        assertThat(below(sorted, shift.low())).isLessThanOrEqualTo((long) left);
        assertThat(below(sorted, Math.nextUp(shift.low()))).isGreaterThan((long) left);
        assertThat(below(sorted, shift.high())).isLessThan(means - (long) left);
        assertThat(below(sorted, Math.nextUp(shift.high()))).isGreaterThanOrEqualTo(means - (long) left);
    }

    private static long below(double[] sorted, double limit) {
        long count = 0;
        for (int i = 0; i < sorted.length; i++) {
            int from = i;
            int to = sorted.length;
            while (from < to) {
                int middle = (from + to) >>> 1;
                if ((sorted[i] + sorted[middle]) / 2 < limit) {
                    from = middle + 1;
                } else {
                    to = middle;
                }
            }
            count += from - i;
        }
        return count;
    }

    private static PairedShift quadratic(double[] differences) {
        int n = differences.length;
        double[] means = IntStream.range(0, n)
                .boxed()
                .flatMapToDouble(
                        i -> Arrays.stream(differences, i, n).map(other -> WalshAverages.mean(differences[i], other)))
                .sorted()
                .map(mean -> mean + 0.0)
                .toArray();
        double spread = 1.959963984540054 * Math.sqrt(n * (n + 1.0) * (2 * n + 1.0) / 24);
        int cut = Math.clamp((long) Math.floor(n * (n + 1) / 4.0 - spread), 0, (means.length - 1) / 2);
        double lower = means[(means.length - 1) / 2];
        double upper = means[means.length / 2];
        double median = means.length % 2 == 1 ? lower : WalshAverages.mean(lower, upper);
        return new PairedShift(median, means[cut], means[means.length - 1 - cut]);
    }
}
