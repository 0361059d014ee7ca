package dev.hourglass.core.stat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Simulated runs whose truth is known, always the same ones. `benchmarks/compare` draws many more of them and of more
/// kinds; the bounds here are what it is held to, 5 % of false alarms, 93 % of coverage and 95 % of shifts found, each
/// with room for the chance of so few pairs: three standard errors.
final class SimulatedRunsTest {
    private static final int PAIRS = 300;
    private static final double LEVEL = 1000;

    /// Shares of the pairs.
    private record Told(double differ, double covered) {}

    private static double room(double share) {
        return 3 * Math.sqrt(share * (1 - share) / PAIRS);
    }

    private static List<double[]> side(
            SplittableRandom random, int runs, int n, double level, double rho, double scatter) {
        List<double[]> side = new ArrayList<>();
        for (int r = 0; r < runs; r++) {
            double own = level * (1 + scatter * random.nextGaussian());
            double z = random.nextGaussian();
            double[] run = new double[n];
            for (int i = 0; i < n; i++) {
                run[i] = own * (1 + 0.05 * z);
                z = rho * z + Math.sqrt(1 - rho * rho) * random.nextGaussian();
            }
            side.add(run);
        }
        return side;
    }

    private static Told told(Statistic statistic, int runs, int n, double rho, double scatter, double slower) {
        SplittableRandom random = new SplittableRandom(20);
        int differ = 0;
        int covered = 0;
        int bounded = 0;
        for (int i = 0; i < PAIRS; i++) {
            Shift shift = Shift.of(
                    side(random, runs, n, LEVEL, rho, scatter),
                    side(random, runs, n, LEVEL * (1 + slower), rho, scatter),
                    statistic,
                    Shift.TOLERANCE);
            differ += shift.verdict() == Shift.Verdict.WORSE || shift.verdict() == Shift.Verdict.BETTER ? 1 : 0;
            boolean whole = Double.isFinite(shift.high() - shift.low());
            bounded += whole ? 1 : 0;
            covered += whole && shift.low() <= slower * LEVEL && slower * LEVEL <= shift.high() ? 1 : 0;
        }
        assertThat(bounded).as("pairs with an interval").isGreaterThan(PAIRS / 2);
        return new Told(1.0 * differ / PAIRS, 1.0 * covered / bounded);
    }

    @ParameterizedTest
    @CsvSource({
        "MEAN, 1, 10, 0, 0",
        "MEAN, 1, 100, 0, 0",
        "P50, 1, 100, 0, 0",
        "P90, 1, 100, 0, 0",
        "P99, 1, 1000, 0, 0",
        "MEAN, 1, 30, 0.9, 0",
        "MEAN, 1, 300, 0.9, 0",
        "P50, 1, 300, 0.9, 0",
        "P90, 1, 1000, 0.9, 0",
        "MEAN, 3, 100, 0, 0.02",
        "P50, 3, 100, 0, 0.02",
        "P99, 3, 100, 0, 0.02",
        "MEAN, 3, 100, 0.9, 0.02",
        "MEAN, 5, 100, 0, 0.02",
    })
    void runsOfTheSameAreSeldomCalledDifferent(Statistic statistic, int runs, int n, double rho, double scatter) {
        Told told = told(statistic, runs, n, rho, scatter, 0);
        assertThat(told.differ()).isLessThanOrEqualTo(0.05 + room(0.05));
        assertThat(told.covered()).isGreaterThanOrEqualTo(0.93 - room(0.93));
    }

    /// 3 % of 1000 µs that scatter by 5 %, over 100 steps.
    @ParameterizedTest
    @CsvSource({"MEAN, 0.95", "P50, 0.80"})
    void aSlowdownIsFound(Statistic statistic, double share) {
        Told told = told(statistic, 1, 100, 0, 0, 0.03);
        assertThat(told.differ()).isGreaterThanOrEqualTo(share - room(share));
        assertThat(told.covered()).isGreaterThanOrEqualTo(0.93 - room(0.93));
    }
}
