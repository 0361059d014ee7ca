package dev.hourglass.core.stat;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/// When a measurement has samples enough.
///
/// It is asked at numbers of samples that grow by a quarter: a rule that is asked after every sample stops at the
/// luckiest.
///
/// @param precision half of the median's interval as a share of the median, with which it is content
/// @param fewest samples before precision counts
/// @param most samples
/// @param time that it may take
public record StopRule(double precision, int fewest, int most, Duration time) {
    /// What is wanted of a benchmark.
    public static final double USUAL_PRECISION = 0.01;

    private static final int USUAL_FEWEST = 30;
    private static final int USUAL_MOST = 10_000;
    /// Samples from which it is said that more do not help.
    private static final int PLATEAU_FROM = 200;
    /// Twice the independent samples narrow an interval to 0.71 of its width; above this share they do not help.
    private static final double NO_LONGER_NARROWS = 0.95;
    /// Independent samples below which an interval is as uncertain as the median.
    private static final double FEWEST_WORTH = 30;

    private static final double GROWTH = 1.25;

    /// Why it stopped.
    public enum Reason {
        /// The median is known as well as was wanted.
        PRECISION("precision"),
        /// Twice the samples no longer narrow the interval: the noise is not of the kind that averages out.
        PLATEAU("noise plateau"),
        TIME("time"),
        SAMPLES("samples"),
        /// Somebody asked it to end.
        INTERRUPTED("interrupted");

        private final String word;

        Reason(String word) {
            this.word = word;
        }

        /// The same as rows have it.
        public String word() {
            return word;
        }
    }

    /// The usual rule: the median within 1 %.
    ///
    /// @param time after which it ends whatever it knows
    public static StopRule within(Duration time) {
        return new StopRule(USUAL_PRECISION, USUAL_FEWEST, USUAL_MOST, time);
    }

    /// How many samples there should be when it is asked again.
    public int next(int samples) {
        return Math.min(most, Math.max(fewest, (int) Math.ceil(samples * GROWTH)));
    }

    /// @param samples in order of time
    /// @param spent on them
    /// @return why it stops; empty where it goes on
    public Optional<Reason> stop(double[] samples, Duration spent) {
        if (samples.length >= fewest && samples.length > 1) {
            MedianInterval median = MedianInterval.of(samples);
            double known = median.precision();
            if (known <= precision && median.worth() >= FEWEST_WORTH) {
                return Optional.of(Reason.PRECISION);
            }
            if (samples.length >= PLATEAU_FROM && known > NO_LONGER_NARROWS * ofFirstHalf(samples)) {
                return Optional.of(Reason.PLATEAU);
            }
        }
        if (spent.compareTo(time) >= 0) {
            return Optional.of(Reason.TIME);
        }
        return samples.length >= most ? Optional.of(Reason.SAMPLES) : Optional.empty();
    }

    private static double ofFirstHalf(double[] samples) {
        return MedianInterval.of(Arrays.copyOf(samples, samples.length / 2)).precision();
    }
}
