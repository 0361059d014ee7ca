package dev.hourglass.core.stat;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Runs of a simulated operator whose true time is known.
class StopRuleTest {
    private static final Duration NONE = Duration.ZERO;
    private static final StopRule RULE = StopRule.within(Duration.ofHours(1));
    private static final double SPREAD = 0.02;
    private static final int RUNS = 400;

    /// Samples around a level, each keeping so much of what the one before was off.
    private static double[] samples(SplittableRandom random, int n, double level, double kept) {
        double[] samples = new double[n];
        double off = random.nextGaussian() * SPREAD;
        for (int i = 0; i < n; i++) {
            off = kept * off + Math.sqrt(1 - kept * kept) * random.nextGaussian() * SPREAD;
            samples[i] = level * (1 + off);
        }
        return samples;
    }

    /// What a run knows when the rule lets it end.
    private static MedianInterval run(SplittableRandom random, double level, double kept) {
        double[] all = samples(random, RULE.most(), level, kept);
        int n = RULE.next(0);
        while (RULE.stop(Arrays.copyOf(all, n), NONE).isEmpty()) {
            n = RULE.next(n);
        }
        return MedianInterval.of(Arrays.copyOf(all, n));
    }

    @Test
    void stopsWhenTheMedianIsKnownToOnePercent() {
        double[] narrow = samples(new SplittableRandom(1), 400, 1000, 0);

        assertThat(RULE.stop(narrow, NONE)).contains(StopRule.Reason.PRECISION);
        assertThat(MedianInterval.of(narrow).precision()).isLessThan(0.01);
        assertThat(RULE.stop(Arrays.copyOf(narrow, 4), NONE)).isEmpty();
    }

    @Test
    void stopsWhereMoreSamplesDoNotHelp() {
        SplittableRandom random = new SplittableRandom(2);
        double[] wandering = new double[400];
        double level = 1000;
        for (int i = 0; i < wandering.length; i++) {
            level *= 1 + 0.02 * random.nextGaussian();
            wandering[i] = level;
        }

        assertThat(RULE.stop(wandering, NONE)).contains(StopRule.Reason.PLATEAU);
    }

    @Test
    void stopsWhenTimeIsOverOrSamplesAre() {
        double[] wide = {1, 2, 3, 1, 2, 3};

        assertThat(RULE.stop(wide, Duration.ofHours(1))).contains(StopRule.Reason.TIME);
        assertThat(new StopRule(0, 2, 6, Duration.ofHours(1)).stop(wide, NONE)).contains(StopRule.Reason.SAMPLES);
        assertThat(RULE.stop(new double[0], NONE)).isEqualTo(Optional.empty());
    }

    @Test
    void isAskedAtNumbersOfSamplesThatGrow() {
        assertThat(RULE.next(0)).isEqualTo(30);
        assertThat(RULE.next(100)).isEqualTo(125);
        assertThat(RULE.next(RULE.most())).isEqualTo(RULE.most());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.5, 0.8})
    void threePercentAreFoundAndNothingWhereNothingIs(double kept) {
        SplittableRandom random = new SplittableRandom(3);
        int found = 0;
        int alarms = 0;
        int faster = 0;
        for (int i = 0; i < RUNS; i++) {
            MedianInterval base = run(random, 1000, kept);
            found += base.against(run(random, 1030, kept), 0) == MedianInterval.Verdict.SLOWER ? 1 : 0;
            faster += base.against(run(random, 970, kept), 0) == MedianInterval.Verdict.FASTER ? 1 : 0;
            MedianInterval.Verdict same = base.against(run(random, 1000, kept), 0);
            alarms += same == MedianInterval.Verdict.SLOWER || same == MedianInterval.Verdict.FASTER ? 1 : 0;
        }

        assertThat(found).as("3 %% slower found").isGreaterThanOrEqualTo(RUNS * 95 / 100);
        assertThat(faster).as("3 %% faster found").isGreaterThanOrEqualTo(RUNS * 95 / 100);
        assertThat(alarms).as("false alarms").isLessThanOrEqualTo(RUNS / 100);
    }

    @Test
    void onePercentIsNotCalledSlower() {
        SplittableRandom random = new SplittableRandom(4);
        int slower = 0;
        for (int i = 0; i < RUNS; i++) {
            MedianInterval.Verdict verdict = run(random, 1000, 0).against(run(random, 1010, 0), 0);
            slower += verdict == MedianInterval.Verdict.SLOWER ? 1 : 0;
        }

        assertThat(slower).isLessThan(RUNS * 15 / 100);
    }

    @Test
    void aNoiseFloorWidensWhatCountsAsTheSame() {
        MedianInterval base = new MedianInterval(100, 99.5, 100.5, 50);
        MedianInterval candidate = new MedianInterval(103, 102.5, 103.5, 50);

        assertThat(base.against(candidate, 0)).isEqualTo(MedianInterval.Verdict.SLOWER);
        assertThat(candidate.against(base, 0)).isEqualTo(MedianInterval.Verdict.FASTER);
        assertThat(base.against(candidate, 0.05)).isEqualTo(MedianInterval.Verdict.SAME);
        assertThat(base.against(new MedianInterval(101, 95, 110, 5), 0)).isEqualTo(MedianInterval.Verdict.UNCLEAR);
        assertThat(base.against(new MedianInterval(100.1, 99.6, 100.6, 50), 0)).isEqualTo(MedianInterval.Verdict.SAME);
    }
}
