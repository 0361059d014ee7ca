package dev.hourglass.device.bench;

import dev.hourglass.core.stat.MedianInterval;
import dev.hourglass.core.stat.Quantile;
import dev.hourglass.core.stat.StopRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;

/// Times operators side by side: each is checked, warmed up, and then sampled in turn with the others, so that what
/// happens to the machine happens to all of them. The first is sampled twice in each round; by how much its two
/// medians differ is the noise floor.
///
/// Samples count that were taken at the machine's usual clock while nothing held it back.
public final class Harness {
    /// Share of the usual clock below which a sample does not count.
    private static final double USUAL_CLOCK = 0.9;
    /// Quantile of the clocks that is the usual one.
    private static final double UPPER = 0.9;
    /// Samples that must remain; where there are fewer all count, and the result is in doubt.
    private static final int MUST_REMAIN = 5;
    /// Above it a rate is not possible.
    private static final double MOST_OF_ROOF = 1.05;

    private final StopRule rule;
    private final Duration warmUp;
    private final BooleanSupplier interrupted;
    private final Listener listener;

    /// Hears how far it is.
    public interface Listener {
        /// @param done operators
        /// @param of all
        /// @param left at most
        void progress(int done, int of, Duration left);
    }

    /// @param rule of each operator; its time is that of one
    /// @param warmUp of each
    /// @param interrupted whether somebody asks it to end
    public Harness(StopRule rule, Duration warmUp, BooleanSupplier interrupted, Listener listener) {
        this.listener = listener;
        this.rule = rule;
        this.warmUp = warmUp;
        this.interrupted = interrupted;
    }

    /// What was said of an operator so far.
    private static final class Run {
        private final Timed timed;
        private final Check check;
        private final List<Sample> samples = new ArrayList<>();
        private long spentNs;
        private int next;
        private Optional<StopRule.Reason> reason = Optional.empty();

        Run(Timed timed, Check check, int next) {
            this.timed = timed;
            this.check = check;
            this.next = next;
        }

        void sample() {
            long start = System.nanoTime();
            samples.add(timed.sample());
            spentNs += System.nanoTime() - start;
        }
    }

    /// Times them.
    ///
    /// @return one for each, in their order
    public List<BenchResult> run(List<Timed> all, Roofs roofs) {
        List<Run> runs = new ArrayList<>();
        for (Timed timed : all) {
            if (interrupted.getAsBoolean()) {
                break;
            }
            Check check = timed.check();
            Run run = new Run(timed, check, rule.fewest());
            if (check instanceof Check.Wrong) {
                run.reason = Optional.of(StopRule.Reason.SAMPLES);
            } else {
                warm(timed);
            }
            runs.add(run);
        }
        OptionalDouble floor = rounds(runs);
        return runs.stream().map(run -> result(run, floor, roofs)).toList();
    }

    private void warm(Timed timed) {
        long end = System.nanoTime() + warmUp.toNanos();
        do {
            Sample ignored = timed.sample();
        } while (System.nanoTime() < end && !interrupted.getAsBoolean());
    }

    /// Until all have enough.
    ///
    /// @return the noise floor
    private OptionalDouble rounds(List<Run> runs) {
        Optional<Run> twice = runs.stream().filter(run -> run.reason.isEmpty()).findFirst();
        List<Double> again = new ArrayList<>();
        List<Run> open = new ArrayList<>(
                runs.stream().filter(run -> run.reason.isEmpty()).toList());
        while (!open.isEmpty()) {
            open.forEach(Run::sample);
            twice.filter(open::contains).ifPresent(run -> {
                Sample second = run.timed.sample();
                if (!second.throttled()) {
                    again.add(second.ns());
                }
            });
            open.forEach(this::judge);
            open.removeIf(run -> run.reason.isPresent());
            long left = open.stream()
                    .mapToLong(run -> rule.time().toNanos() - run.spentNs)
                    .sum();
            listener.progress(runs.size() - open.size(), runs.size(), Duration.ofNanos(left));
        }
        return twice.flatMap(run -> floor(run, again)).map(OptionalDouble::of).orElse(OptionalDouble.empty());
    }

    private void judge(Run run) {
        if (interrupted.getAsBoolean()) {
            run.reason = Optional.of(StopRule.Reason.INTERRUPTED);
            return;
        }
        Duration spent = Duration.ofNanos(run.spentNs);
        if (run.samples.size() >= run.next || spent.compareTo(rule.time()) >= 0) {
            run.next = rule.next(run.samples.size());
            run.reason = rule.stop(counting(run.samples, dropped(run.samples)), spent);
        }
    }

    private static Optional<Double> floor(Run run, List<Double> again) {
        double[] first = counting(run.samples, dropped(run.samples));
        if (first.length < MUST_REMAIN || again.size() < MUST_REMAIN) {
            return Optional.empty();
        }
        double second =
                Quantile.median(again.stream().mapToDouble(Double::doubleValue).toArray());
        return Optional.of(Math.abs(second / Quantile.median(first) - 1));
    }

    /// Which samples do not count: those that were held back, and those at less than the usual clock. Where that
    /// leaves almost none, all count.
    static boolean[] dropped(List<Sample> samples) {
        boolean[] dropped = new boolean[samples.size()];
        double[] clocks = samples.stream()
                .filter(s -> s.clockMhz().isPresent())
                .mapToDouble(s -> s.clockMhz().getAsDouble())
                .toArray();
        double least = clocks.length == 0 ? 0 : USUAL_CLOCK * Quantile.of(clocks, UPPER);
        int left = 0;
        for (int i = 0; i < dropped.length; i++) {
            Sample sample = samples.get(i);
            dropped[i] = sample.throttled() || sample.clockMhz().orElse(least) < least;
            left += dropped[i] ? 0 : 1;
        }
        return left >= Math.min(MUST_REMAIN, samples.size()) ? dropped : new boolean[samples.size()];
    }

    private static double[] counting(List<Sample> samples, boolean[] dropped) {
        double[] times = new double[samples.size()];
        int n = 0;
        for (int i = 0; i < times.length; i++) {
            if (!dropped[i]) {
                times[n++] = samples.get(i).ns();
            }
        }
        return Arrays.copyOf(times, n);
    }

    private static BenchResult result(Run run, OptionalDouble floor, Roofs roofs) {
        boolean[] dropped = dropped(run.samples);
        List<Boolean> list = new ArrayList<>();
        for (boolean d : dropped) {
            list.add(d);
        }
        BenchResult plain = new BenchResult(
                run.timed.work(),
                run.timed.busBytes(),
                run.check,
                run.samples,
                list,
                run.reason.orElseThrow(),
                floor,
                roofs.over(run.timed.work()),
                "");
        String doubt = doubt(run, plain);
        return doubt.isEmpty()
                ? plain
                : new BenchResult(
                        plain.work(),
                        plain.busBytes(),
                        plain.check(),
                        plain.samples(),
                        plain.dropped(),
                        plain.reason(),
                        floor,
                        plain.roof(),
                        doubt);
    }

    private static String doubt(Run run, BenchResult result) {
        boolean held = !run.samples.isEmpty()
                && run.samples.stream().filter(Sample::throttled).count() > run.samples.size() - MUST_REMAIN;
        if (held && result.droppedCount() == 0) {
            return "the device was held back during almost every sample: all of them count";
        }
        double fastest = result.roof().map(Roofs.Over::leastNs).orElse(0.0);
        double median = result.median().map(MedianInterval::value).orElse(Double.POSITIVE_INFINITY);
        if (fastest > MOST_OF_ROOF * median) {
            boolean cold = result.work().cache() == Work.Cache.COLD
                    && result.roof().orElseThrow().bound().equals("memory");
            return cold
                    ? "faster than memory: its inputs lay in a cache, or it did not read them"
                    : "faster than the measured ceilings: they are too low, or it did not do this work";
        }
        return "";
    }
}
