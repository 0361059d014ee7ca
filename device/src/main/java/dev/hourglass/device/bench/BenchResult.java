package dev.hourglass.device.bench;

import dev.hourglass.core.stat.MedianInterval;
import dev.hourglass.core.stat.Quantile;
import dev.hourglass.core.stat.StopRule;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// What came of timing one operator: a row of the table `bench_result`, with its samples.
///
/// @param work what was timed
/// @param busBytes as [Timed#busBytes()]
/// @param check whether it computed the right thing; of one that did not there are no samples
/// @param samples all, in order of time
/// @param dropped of each whether it does not count
/// @param reason why there are no more
/// @param noiseFloor by how much two measurements of one thing differed; empty where that was not tried
/// @param roof over it; empty where the ceilings are not known
/// @param doubt why it should not be believed; empty where nothing speaks against it
public record BenchResult(
        Work work,
        double busBytes,
        Check check,
        List<Sample> samples,
        List<Boolean> dropped,
        StopRule.Reason reason,
        OptionalDouble noiseFloor,
        Optional<Roofs.Over> roof,
        String doubt) {
    private static final int FEWEST = 2;
    private static final double KILO = 1e3;

    public BenchResult {
        samples = List.copyOf(samples);
        dropped = List.copyOf(dropped);
    }

    /// Nanoseconds of the samples that count, in order of time.
    public double[] times() {
        double[] times = new double[samples.size() - droppedCount()];
        int at = 0;
        for (int i = 0; i < samples.size(); i++) {
            if (!dropped.get(i)) {
                times[at++] = samples.get(i).ns();
            }
        }
        return times;
    }

    /// Samples that do not count.
    public int droppedCount() {
        return (int) dropped.stream().filter(d -> d).count();
    }

    /// The median with its interval; empty where there are no times.
    public Optional<MedianInterval> median() {
        double[] times = times();
        return times.length < FEWEST ? Optional.empty() : Optional.of(MedianInterval.of(times));
    }

    /// Tera operations per second in so much time.
    double teraflops(double ns) {
        return work.flops() / ns / KILO;
    }

    /// Gigabytes per second in so much time.
    double gigabytes(double ns) {
        return work.bytes() / ns;
    }

    /// Share of the roof that the median reaches, in percent.
    public OptionalDouble percentOfRoof() {
        Optional<MedianInterval> median = median();
        return median.isPresent() && roof.isPresent()
                ? OptionalDouble.of(100
                        * roof.orElseThrow().leastNs()
                        / median.orElseThrow().value())
                : OptionalDouble.empty();
    }

    /// Median clock of the samples that count.
    public OptionalDouble clockMhz() {
        double[] clocks = new double[samples.size()];
        int n = 0;
        for (int i = 0; i < clocks.length; i++) {
            OptionalDouble mhz = samples.get(i).clockMhz();
            if (!dropped.get(i) && mhz.isPresent()) {
                clocks[n++] = mhz.getAsDouble();
            }
        }
        return n == 0 ? OptionalDouble.empty() : OptionalDouble.of(Quantile.median(Arrays.copyOf(clocks, n)));
    }
}
