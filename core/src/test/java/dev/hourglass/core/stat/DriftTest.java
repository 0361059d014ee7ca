package dev.hourglass.core.stat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class DriftTest {
    /// 100 steps of 1000 µs that scatter by 2 %, always the same, and what is added to each.
    private static double[] run(IntToDoubleFunction added) {
        SplittableRandom random = new SplittableRandom(4);
        return IntStream.range(0, 100)
                .mapToDouble(i -> 1000 + 20 * random.nextGaussian() + added.applyAsDouble(i))
                .toArray();
    }

    @Test
    void aSteadyRunIsSteady() {
        assertThat(Drift.of(run(i -> 0)).kind()).isEqualTo(Drift.Kind.STEADY);
        assertThat(Drift.of(run(i -> i % 10 == 0 ? 500 : 0)).kind()).isEqualTo(Drift.Kind.STEADY);
        assertThat(Drift.of(new double[100]).kind()).isEqualTo(Drift.Kind.STEADY);
    }

    @Test
    void aJumpIsFoundWhereItIs() {
        Drift drift = Drift.of(run(i -> i < 60 ? 0 : 120));
        assertThat(drift.kind()).isEqualTo(Drift.Kind.JUMP);
        assertThat(drift.from()).isEqualTo(60);
        assertThat(drift.change()).isCloseTo(120, within(15.0));
    }

    @Test
    void aDriftIsFoundWithWhatItGains() {
        Drift drift = Drift.of(run(i -> -2 * i));
        assertThat(drift.kind()).isEqualTo(Drift.Kind.DRIFT);
        assertThat(drift.change()).isCloseTo(-198, within(25.0));
    }

    /// Levels that are apart without any spread, and a change too small to matter.
    @Test
    void bordersOfWhatIsSaid() {
        double[] exact =
                IntStream.range(0, 40).mapToDouble(i -> i < 25 ? 100 : 130).toArray();
        assertThat(Drift.of(exact)).isEqualTo(new Drift(Drift.Kind.JUMP, 25, 30));
        double[] tiny =
                IntStream.range(0, 40).mapToDouble(i -> i < 25 ? 100 : 100.5).toArray();
        assertThat(Drift.of(tiny).kind()).isEqualTo(Drift.Kind.STEADY);
        double[] few =
                IntStream.range(0, 20).mapToDouble(i -> i < 10 ? 100 : 130).toArray();
        assertThat(Drift.of(few).kind()).isEqualTo(Drift.Kind.STEADY);
    }
}
