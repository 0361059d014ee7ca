package dev.hourglass.core.stat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

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

    /// The share of false alarms among equal runs stays near the level of the test.
    @Test
    void rarelyRaisesAFalseAlarm() {
        int alarms = 0;
        for (int i = 0; i < 60; i++) {
            Shift.Verdict verdict = Shift.of(
                            normal(2 * i, 30, 1000, 40), normal(2 * i + 1, 30, 1000, 40), Statistic.MEAN)
                    .verdict();
            alarms += verdict == Shift.Verdict.WORSE || verdict == Shift.Verdict.BETTER ? 1 : 0;
        }
        assertThat(alarms).isLessThanOrEqualTo(8);
    }

    /// Values of the normal approximation with tie and continuity correction, as scipy.stats.mannwhitneyu
    /// (method="asymptotic") gives them.
    @Test
    void agreesWithAnotherMannWhitney() {
        assertThat(Shift.mannWhitney(new double[] {1, 2, 3, 4, 5}, new double[] {6, 7, 8, 9, 10}))
                .isCloseTo(0.012185780355344818, within(1e-12));
        assertThat(Shift.mannWhitney(new double[] {1, 1, 2, 2, 3}, new double[] {1, 2, 3, 3, 4}))
                .isCloseTo(0.2761, within(0.01));
    }

    @Test
    void whereAllAreEqualNothingIsFound() {
        assertThat(Shift.mannWhitney(new double[] {2, 2, 2}, new double[] {2, 2}))
                .isEqualTo(1);
        assertThat(Shift.mannWhitney(new double[] {}, new double[] {2, 2})).isEqualTo(1);
        assertThat(Shift.of(new double[] {0, 0, 0, 0}, new double[] {0, 0, 0, 0, 0}, Statistic.MEAN)
                        .verdict())
                .isEqualTo(Shift.Verdict.SAME);
    }

    @Test
    void refusesWhatIsNoNumber() {
        assertThatThrownBy(() -> Shift.of(new double[] {1, 2}, new double[] {1, Double.NaN}, Statistic.P50))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sample 1 of 2 is NaN");
    }
}
