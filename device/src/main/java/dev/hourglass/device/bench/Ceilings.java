package dev.hourglass.device.bench;

import dev.hourglass.core.stat.MedianInterval;
import dev.hourglass.core.stat.Samples;
import dev.hourglass.core.unit.Distribution;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Ceilings from what was timed: of each name the best, over numbers of threads and sizes.
public final class Ceilings {
    private static final String SWEEP = "sweep_";
    private static final double SECOND_NS = 1e9;
    private static final Pattern MOVES = Pattern.compile("(dram|l\\d|llc|h2d|d2h|p2p)_.*");

    private Ceilings() {}

    /// @param measuredAt when, in UTC
    public static List<Ceiling> of(List<BenchResult> results, Backend backend, String measuredAt) {
        Map<String, Ceiling> best = new LinkedHashMap<>();
        Map<String, Backend.Peak> peaks = backend.peaks();
        for (BenchResult result : results) {
            Work work = result.work();
            if (work.op().startsWith(SWEEP) || result.times().length < 2) {
                continue;
            }
            Backend.@Nullable Peak peak = peaks.get(name(work));
            best.merge(
                    name(work),
                    ceiling(result, peak, measuredAt, backend.validFor()),
                    (a, b) -> (b.value() > a.value()) != (a.unit() == Unit.NANOSECONDS) ? b : a);
        }
        return new ArrayList<>(best.values());
    }

    /// The name of the ceiling that an operation is about.
    static String name(Work work) {
        return unit(work) == Unit.FLOP_PER_SECOND ? work.op() + "_" + work.dtype() : work.op();
    }

    /// Of memory and links bytes count, even where arithmetic comes along; of what neither computes nor moves, time.
    private static Unit unit(Work work) {
        if (MOVES.matcher(work.op()).matches() || (work.flops() == 0 && work.bytes() > 0)) {
            return Unit.BYTES_PER_SECOND;
        }
        return work.flops() > 0 ? Unit.FLOP_PER_SECOND : Unit.NANOSECONDS;
    }

    private static double[] values(BenchResult result, Unit unit) {
        double amount = unit == Unit.BYTES_PER_SECOND
                ? result.work().bytes()
                : result.work().flops();
        return Arrays.stream(result.times())
                .map(ns -> unit == Unit.NANOSECONDS ? ns : amount / ns * SECOND_NS)
                .toArray();
    }

    private static Ceiling ceiling(BenchResult result, Backend.@Nullable Peak peak, String at, String validFor) {
        Work work = result.work();
        Unit unit = unit(work);
        double[] rates = values(result, unit);
        Distribution d = Samples.distribution(unit, rates);
        MedianInterval median = MedianInterval.of(rates);
        Ceiling.More more = new Ceiling.More(
                median.low(),
                median.high(),
                result.busBytes() == work.bytes()
                        ? OptionalDouble.empty()
                        : OptionalDouble.of(d.max() * result.busBytes() / work.bytes()),
                peak == null ? OptionalDouble.empty() : OptionalDouble.of(peak.value()),
                peak == null ? "" : peak.source(),
                result.clockMhz().orElse(Double.NaN),
                at,
                validFor);
        return new Ceiling(
                name(work),
                work.device(),
                unit == Unit.FLOP_PER_SECOND ? work.dtype() : "",
                unit == Unit.NANOSECONDS ? d.min() : d.max(),
                unit,
                median.value(),
                d.stddev(),
                d.n(),
                work.axes().getOrDefault("threads", 1L).intValue(),
                work.kernel() + "; " + work.timer() + "; best of " + d.n(),
                more);
    }
}
