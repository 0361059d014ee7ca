package dev.hourglass.core.stat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class DependenceTest {
    private static double[] autoregression(int n, double rho) {
        SplittableRandom random = new SplittableRandom(9);
        double[] x = new double[n];
        for (int i = 0; i < n; i++) {
            x[i] = (i == 0 ? 0 : rho * x[i - 1]) + random.nextGaussian();
        }
        return x;
    }

    /// Of correlations 0.5, 0.25, 0.125 and four samples: 1 + 2 (3/4 · 0.5 + 2/4 · 0.25 + 1/4 · 0.125).
    @Test
    void fallingCorrelationsAddUp() {
        assertThat(Dependence.falling(0.5, 0.5, 4)).isCloseTo(1 + 2 * (0.375 + 0.125 + 0.03125), within(1e-12));
        assertThat(Dependence.falling(0, 0, 10)).isEqualTo(1);
        assertThat(Dependence.falling(0.2, 0, 10)).isCloseTo(1 + 2 * 0.9 * 0.2, within(1e-12));
    }

    /// (1 + ρ) / (1 − ρ) of a long autoregression.
    @Test
    void anAutoregressionIsWorthWhatTheorySays() {
        assertThat(Dependence.worth(autoregression(20_000, 0.9))).isBetween(20_000 / 19 * 0.6, 20_000 / 19 * 1.2);
        assertThat(Dependence.worth(autoregression(20_000, 0))).isBetween(9_000.0, 20_000.0);
    }

    /// A slow wave of less than half of the variance below independent noise: neighbours resemble each other little.
    @Test
    void aSlowWaveBelowNoiseIsSeen() {
        SplittableRandom random = new SplittableRandom(3);
        double[] x = IntStream.range(0, 1000)
                .mapToDouble(i -> Math.signum(Math.sin(i / 80.0)) + 1.5 * random.nextGaussian())
                .toArray();
        assertThat(Dependence.correlation(x, 1)).isBetween(0.2, 0.45);
        assertThat(Dependence.worth(x)).isLessThan(60);
    }

    @Test
    void alternatingSamplesAreWorthNoMoreThanTheyAre() {
        double[] x = IntStream.range(0, 100).mapToDouble(i -> i % 2).toArray();
        assertThat(Dependence.worth(x)).isEqualTo(100);
        assertThat(Dependence.correlation(new double[10], 1)).isZero();
    }

    /// One sample of a thousand times the others hides from correlations that the others resemble their neighbours.
    @Test
    void ranksAreNotHiddenByAnOutlier() {
        double[] x = autoregression(300, 0.9);
        x[150] = 1e4;
        assertThat(Dependence.worth(x)).isGreaterThan(150);
        assertThat(Dependence.worthOfRanks(x)).isLessThan(60);
    }
}
