package dev.hourglass.device.collect;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Watches the samples go by and judges whether others disturbed the engine: every other number of a
/// disturbed run is worth less.
///
/// Put it beside the store behind the collectors: it reads `thread_sample`, `process_sample` and
/// `core_sample`, and lets everything else pass. Holds sums, whatever the length of
/// the run. Not thread-safe.
public final class Contention implements BatchSink {
    private static final double WAIT_SOME = 0.02;
    private static final double WAIT_SEVERE = 0.10;
    private static final double STEAL_SOME = 0.02;
    private static final double STEAL_SEVERE = 0.10;
    private static final double OTHERS_SOME = 0.15;
    private static final double FEW_OTHERS = 0.05;
    private static final double MIN_RUNNING = 0.05;

    private final long from;
    private final long to;
    private final Map<Long, ThreadSum> threads = new HashMap<>();
    private final Set<Long> cores = new HashSet<>();
    private double machineNs;
    private double othersNs;
    private double recorderNs;
    private double steal;
    private long steals;

    /// Judges the samples that lie in a span of the trace clock, those at its edges included.
    ///
    /// @param from start in nanoseconds
    /// @param to end in nanoseconds
    public Contention(long from, long to) {
        this.from = from;
        this.to = to;
    }

    /// How much the engine was disturbed.
    public enum Level {
        NONE,
        SOME,
        SEVERE;

        /// As it stands in metadata.
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// The judgement, metadata `contention.level` and `contention.reason`.
    ///
    /// @param level how much
    /// @param reason one sentence with the numbers behind it
    /// @param waitRatio time in the run queue over time wanted on a CPU, of the threads that computed; NaN
    ///     where none was sampled
    /// @param othersRatio CPU time of other processes over that of all cores; NaN where it was not sampled
    /// @param recorderRatio the same of the recorder's own process
    /// @param stealRatio share of the cores' time that the hypervisor took; NaN where it was not sampled
    /// @param involuntaryPerSecond times per second that a computing thread was taken off its CPU, mean over
    ///     these threads; NaN where none was sampled
    public record Verdict(
            Level level,
            String reason,
            double waitRatio,
            double othersRatio,
            double recorderRatio,
            double stealRatio,
            double involuntaryPerSecond) {}

    /// What a thread's samples add up to: a run may have any number of them.
    private static final class ThreadSum {
        private long first = Long.MAX_VALUE;
        private long last = Long.MIN_VALUE;
        private long run;
        private long queued;
        private long involuntary;
    }

    @Override
    public void accept(EventBatch batch) {
        if (batch.table().equals(Tables.THREAD_SAMPLE)) {
            rows(batch, (start, end, row) -> {
                ThreadSum sum = threads.computeIfAbsent(longAt(batch, "tid", row), tid -> new ThreadSum());
                sum.first = Math.min(sum.first, start);
                sum.last = Math.max(sum.last, end);
                sum.run += longAt(batch, "run_ns", row);
                sum.queued += longAt(batch, "wait_ns", row);
                sum.involuntary += longAt(batch, "involuntary_switches", row);
            });
        } else if (batch.table().equals(Tables.PROCESS_SAMPLE)) {
            rows(batch, (start, end, row) -> {
                machineNs += end - start;
                othersNs += longAt(batch, "others_cpu_ns", row);
                recorderNs += longAt(batch, "profiler_cpu_ns", row);
            });
        } else if (batch.table().equals(Tables.CORE_SAMPLE)) {
            int ratio = batch.table().indexOf("steal_ratio");
            rows(batch, (start, end, row) -> {
                cores.add(longAt(batch, "core", row));
                steal += batch.doubles(ratio)[row];
                steals++;
            });
        }
    }

    private interface RowConsumer {
        void accept(long start, long end, int row);
    }

    private void rows(EventBatch batch, RowConsumer taker) {
        for (int row = 0; row < batch.size(); row++) {
            long start = longAt(batch, "ts", row);
            long end = start + longAt(batch, "dur", row);
            if (end > from && start < to) {
                taker.accept(start, end, row);
            }
        }
    }

    private static long longAt(EventBatch batch, String column, int row) {
        int c = batch.table().indexOf(column);
        return batch.isNull(c, row) ? 0 : batch.longs(c)[row];
    }

    /// Judges by the threads that ran for at least a twentieth of the span.
    public Verdict judge() {
        return judge(Set.of());
    }

    /// Judges by the named threads; where none is named, by those that ran for at least a twentieth of the span.
    public Verdict judge(Collection<Long> tids) {
        Totals t = totals(tids);
        Level wait = level(t.waitRatio, WAIT_SOME, WAIT_SEVERE);
        Level steal = level(t.stealRatio, STEAL_SOME, STEAL_SEVERE);
        Level others = level(t.othersRatio, OTHERS_SOME, Double.POSITIVE_INFINITY);
        Level worst = List.of(wait, steal, others).stream()
                .max(Comparator.naturalOrder())
                .orElse(Level.NONE);
        return new Verdict(
                worst,
                sentence(t, worst),
                t.waitRatio,
                t.othersRatio,
                t.recorderRatio,
                t.stealRatio,
                t.involuntaryPerSecond);
    }

    private static Level level(double ratio, double some, double severe) {
        return ratio >= severe ? Level.SEVERE : ratio >= some ? Level.SOME : Level.NONE;
    }

    private record Totals(
            double waitRatio,
            double othersRatio,
            double recorderRatio,
            double stealRatio,
            double involuntaryPerSecond,
            int threads,
            int cores) {}

    private Totals totals(Collection<Long> tids) {
        List<ThreadSum> wanted = threads.entrySet().stream()
                .filter(thread -> tids.isEmpty() || tids.contains(thread.getKey()))
                .map(Map.Entry::getValue)
                .toList();
        long first = wanted.stream().mapToLong(s -> s.first).min().orElse(0);
        long last = wanted.stream().mapToLong(s -> s.last).max().orElse(0);
        double span = Math.max(1, last - first);
        List<ThreadSum> busy = wanted.stream()
                .filter(s -> !tids.isEmpty() || s.run + s.queued >= MIN_RUNNING * span)
                .toList();
        double run = busy.stream().mapToLong(s -> s.run).sum();
        double wait = busy.stream().mapToLong(s -> s.queued).sum();
        double taken = busy.stream().mapToLong(s -> s.involuntary).sum();
        double perSecond = busy.isEmpty() ? Double.NaN : taken / busy.size() / (span / 1e9);
        double machine = machineNs * cores.size();
        return new Totals(
                wait / (run + wait),
                othersNs / machine,
                recorderNs / machine,
                steals == 0 ? Double.NaN : steal / steals,
                perSecond,
                busy.size(),
                cores.size());
    }

    private static String sentence(Totals t, Level level) {
        if (t.threads == 0 && Double.isNaN(t.othersRatio)) {
            return "Contention is not known: neither the engine's threads nor the machine were sampled.";
        }
        String numbers = "the engine's " + t.threads + " computing " + (t.threads == 1 ? "thread" : "threads")
                + " waited for a CPU for " + percent(t.waitRatio)
                + " of the time in which they wanted one and were taken off it "
                + (Double.isNaN(t.involuntaryPerSecond)
                        ? "an unknown number of"
                        : Format.significant(t.involuntaryPerSecond))
                + " times per second each, other processes used " + percent(t.othersRatio)
                + " of the machine's CPU time, the recorder " + percent(t.recorderRatio)
                + ", and the hypervisor took " + percent(t.stealRatio) + ".";
        return switch (level) {
            case NONE -> "The engine had its cores to itself: " + numbers;
            case SOME -> cause(t) + " disturbed the engine: " + numbers;
            case SEVERE -> cause(t) + " disturbed the engine so much that its times say little: " + numbers;
        };
    }

    private static String cause(Totals t) {
        if (!(t.othersRatio < FEW_OTHERS)) {
            return "Other work";
        }
        if (t.stealRatio >= STEAL_SOME) {
            return "The hypervisor";
        }
        if (t.threads > t.cores) {
            return "The engine's own threads, too many for the CPUs,";
        }
        return t.threads == t.cores
                ? "Work beside it, with no core left free for it,"
                : "A CPU quota, an affinity mask or bursts of other work";
    }

    private static String percent(double ratio) {
        return Double.isNaN(ratio) ? "an unknown share" : Format.value(ratio, Unit.RATIO);
    }
}
