package dev.hourglass.core.stat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

final class ShiftTest {
    private static double[] normal(long seed, int n, double mean, double sd) {
        SplittableRandom random = new SplittableRandom(seed);
        return DoubleStream.generate(() -> mean + sd * random.nextGaussian())
                .limit(n)
                .toArray();
    }

    @Test
    void findsAShiftAndItsDirection() {
        double[] base = normal(1, 60, 1000, 20);
        double[] slower = normal(2, 60, 1050, 20);
        Shift shift = Shift.of(base, slower, Statistic.MEAN);
        assertThat(shift.verdict()).isEqualTo(Shift.Verdict.WORSE);
        assertThat(shift.low()).isBetween(30.0, 50.0);
        assertThat(shift.high()).isBetween(50.0, 70.0);
        assertThat(Shift.of(slower, base, Statistic.P50).verdict()).isEqualTo(Shift.Verdict.BETTER);
    }

    @Test
    void seesNoDifferenceWhereThereIsNone() {
        assertThat(Shift.of(normal(1, 200, 1000, 10), normal(2, 200, 1000, 10), Statistic.MEAN)
                        .verdict())
                .isEqualTo(Shift.Verdict.SAME);
        double[] one = normal(3, 5, 1000, 300);
        assertThat(Shift.of(one, one.clone(), Statistic.P99).verdict()).isEqualTo(Shift.Verdict.SAME);
    }

    @Test
    void admitsThatItCannotTell() {
        assertThat(Shift.of(normal(1, 6, 1000, 300), normal(2, 6, 1000, 300), Statistic.MEAN)
                        .verdict())
                .isEqualTo(Shift.Verdict.UNCLEAR);
        assertThat(Shift.of(new double[] {1}, new double[] {2}, Statistic.MEAN).verdict())
                .isEqualTo(Shift.Verdict.UNCLEAR);
    }

    @Test
    void whereAllAreEqualNothingIsFound() {
        assertThat(Shift.of(new double[] {0, 0, 0, 0}, new double[] {0, 0, 0, 0, 0}, Statistic.MEAN)
                        .verdict())
                .isEqualTo(Shift.Verdict.SAME);
    }

    /// What takes exactly one time on one side and another on the other has an interval without width.
    @Test
    void constantTimesHaveNoSpread() {
        Shift shift = Shift.of(new double[] {5, 5, 5, 5}, new double[] {7, 7, 7, 7}, Statistic.P50);
        assertThat(shift).isEqualTo(new Shift(2, 2, Shift.Verdict.WORSE, Shift.Doubt.NONE));
    }

    /// SAME needs the interval inside the tolerance that was asked for; outside it nothing is claimed.
    @Test
    void sameIsToTheToleranceThatWasAskedFor() {
        List<double[]> base = List.of(normal(1, 200, 1000, 10));
        List<double[]> candidate = List.of(normal(2, 200, 1000, 10));
        Shift wide = Shift.of(base, candidate, Statistic.MEAN, 0.01);
        assertThat(wide.verdict()).isEqualTo(Shift.Verdict.SAME);
        double reach = Math.max(-wide.low(), wide.high()) / 1000;
        assertThat(Shift.of(base, candidate, Statistic.MEAN, reach * 0.9).verdict())
                .isEqualTo(Shift.Verdict.UNCLEAR);
        assertThat(Shift.of(base, candidate, Statistic.MEAN, reach * 1.1).verdict())
                .isEqualTo(Shift.Verdict.SAME);
    }

    /// A difference that is sure and smaller than a hundredth is told where the tolerance is smaller still.
    @Test
    void aSmallToleranceTellsSmallDifferences() {
        List<double[]> base = List.of(normal(1, 400, 1000, 5));
        List<double[]> candidate = List.of(normal(2, 400, 1006, 5));
        assertThat(Shift.of(base, candidate, Statistic.MEAN, 0.03).verdict()).isEqualTo(Shift.Verdict.SAME);
        assertThat(Shift.of(base, candidate, Statistic.MEAN, 0.002).verdict()).isEqualTo(Shift.Verdict.WORSE);
    }

    @Test
    void theSlowestHundredthNeedsAHundredSteps() {
        Shift few = Shift.of(normal(1, 99, 1000, 10), normal(2, 99, 2000, 10), Statistic.P99);
        assertThat(few.verdict()).isEqualTo(Shift.Verdict.UNCLEAR);
        assertThat(few.doubt()).isEqualTo(Shift.Doubt.FEW);
        Shift more = Shift.of(normal(1, 120, 1000, 10), normal(2, 120, 2000, 10), Statistic.P99);
        assertThat(more.doubt()).isEqualTo(Shift.Doubt.FEW);
        assertThat(Shift.of(normal(1, 1500, 1000, 10), normal(2, 1500, 2000, 10), Statistic.P99)
                        .verdict())
                .isEqualTo(Shift.Verdict.WORSE);
    }

    /// The same numbers in another order: as a slow wave they are worth few independent ones.
    @Test
    void neighboursThatResembleEachOtherWidenTheInterval() {
        double[] base = normal(1, 200, 1000, 50);
        double[] candidate = normal(2, 200, 1015, 50);
        Shift independent = Shift.of(base, candidate, Statistic.MEAN);
        double[] one = wave(base);
        double[] other = wave(candidate);
        Shift dependent = Shift.of(one, other, Statistic.MEAN);
        assertThat(dependent.high() - dependent.low()).isGreaterThan(2 * (independent.high() - independent.low()));
        assertThat(dependent.verdict()).isEqualTo(Shift.Verdict.UNCLEAR);
    }

    /// Rising, then falling: every second of the sorted numbers forwards, the others backwards.
    private static double[] wave(double[] samples) {
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        double[] wave = new double[sorted.length];
        for (int i = 0; i < sorted.length; i++) {
            wave[i % 2 == 0 ? i / 2 : sorted.length - 1 - i / 2] = sorted[i];
        }
        return wave;
    }

    /// Three runs a side that scatter by 2 %: each alone says that the two differ, together they do not.
    @Test
    void severalRunsKnowHowRunsScatter() {
        List<double[]> base = List.of(normal(1, 100, 980, 5), normal(2, 100, 1020, 5), normal(3, 100, 1000, 5));
        List<double[]> candidate = List.of(normal(4, 100, 1030, 5), normal(5, 100, 990, 5), normal(6, 100, 1010, 5));
        assertThat(Shift.of(List.of(base.get(0)), List.of(candidate.get(0)), Statistic.MEAN, 0.03)
                        .verdict())
                .isEqualTo(Shift.Verdict.WORSE);
        Shift shift = Shift.of(base, candidate, Statistic.MEAN, 0.03);
        assertThat(shift.verdict()).isEqualTo(Shift.Verdict.UNCLEAR);
        assertThat(shift.doubt()).isEqualTo(Shift.Doubt.WIDE);
    }

    /// Runs that scatter and steps that do not: Student's t from a table, 2.776 for 4 degrees of freedom, 4.303 for 2.
    @Test
    void severalRunsHaveWelchsInterval() {
        List<double[]> base = List.of(constant(980), constant(1020), constant(1000));
        List<double[]> candidate = List.of(constant(1030), constant(990), constant(1010));
        Shift shift = Shift.of(base, candidate, Statistic.P50, 0.03);
        assertThat(shift.low()).isCloseTo(10 - 2.776 * Math.sqrt(800.0 / 3), within(0.01));
        assertThat(shift.high()).isCloseTo(10 + 2.776 * Math.sqrt(800.0 / 3), within(0.01));
        // A single run is taken to scatter as the others do: variance 400 with 2 degrees of freedom.
        Shift alone = Shift.of(base, List.of(constant(1030)), Statistic.P50, 0.03);
        assertThat(alone.high()).isCloseTo(30 + 4.303 * Math.sqrt(400.0 / 3 + 400), within(0.01));
    }

    private static double[] constant(double value) {
        return new double[] {value, value, value, value, value};
    }

    /// Where a run jumps by more than the two differ, when it was stopped makes the figure.
    @Test
    void anUnsteadyRunLeavesASmallerDifferenceInDoubt() {
        double[] steady = normal(1, 200, 1000, 5);
        double[] jumps = normal(2, 200, 1000, 5);
        for (int i = 190; i < 200; i++) {
            jumps[i] += 300;
        }
        for (int i = 0; i < 100; i++) {
            jumps[i] += 60;
        }
        assertThat(Drift.of(jumps).kind()).isEqualTo(Drift.Kind.JUMP);
        assertThat(Shift.of(steady, jumps, Statistic.P50).verdict()).isEqualTo(Shift.Verdict.UNCLEAR);
        double[] slow = Arrays.stream(jumps).map(v -> v + 1000).toArray();
        assertThat(Shift.of(steady, slow, Statistic.P50).verdict()).isEqualTo(Shift.Verdict.WORSE);
    }

    @Test
    void moreOfAnAmountIsNeitherBetterNorWorse() {
        Shift shift = Shift.of(normal(1, 60, 4, 0.1), normal(2, 60, 8, 0.1), Statistic.MEAN);
        assertThat(shift.ofAmount().verdict()).isEqualTo(Shift.Verdict.DIFFERENT);
        assertThat(shift.ofMoreIsBetter().verdict()).isEqualTo(Shift.Verdict.BETTER);
        assertThat(shift.doubted(Shift.Doubt.DISTURBED))
                .isEqualTo(new Shift(shift.low(), shift.high(), Shift.Verdict.UNCLEAR, Shift.Doubt.DISTURBED));
        assertThat(shift.doubted(Shift.Doubt.NONE)).isEqualTo(shift);
    }

    @Test
    void refusesWhatIsNoNumber() {
        assertThatThrownBy(() -> Shift.of(new double[] {1, 2}, new double[] {1, Double.NaN}, Statistic.P50))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sample 1 of 2 is NaN");
    }
}
