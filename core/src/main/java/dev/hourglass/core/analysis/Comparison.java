package dev.hourglass.core.analysis;

import dev.hourglass.core.analysis.RunSamples.KernelUse;
import dev.hourglass.core.stat.Shift;
import dev.hourglass.core.stat.Statistic;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Two runs beside each other.
///
/// @param base name of the first
/// @param candidate name of the second
/// @param baseStage the stage whose steps of the base are compared
/// @param stage the stage whose steps of the candidate are compared
/// @param steps judged steps of each
/// @param metrics differences with their interval and verdict, `t_token.mean` first
/// @param attribution how the difference of `t_token.mean` is made up; adds up to it
/// @param kernels what ran in one of them only, or took another time
public record Comparison(
        String base,
        String candidate,
        String baseStage,
        String stage,
        Steps steps,
        List<Metric> metrics,
        List<Share> attribution,
        KernelChanges kernels) {
    /// Share of a step below which a kernel's difference is not listed.
    private static final double LEAST_SHARE_OF_STEP = 0.005;
    /// Difference of its own time from which a kernel counts as changed.
    private static final double LEAST_CHANGE = 0.10;

    /// Steps that were compared.
    public record Steps(int base, int candidate) {}

    /// One figure in both runs, in microseconds; NaN in a run that did not measure it.
    public record Metric(String name, double base, double candidate, Shift shift) {
        /// Whether both runs measured it.
        public boolean inBoth() {
            return !Double.isNaN(base) && !Double.isNaN(candidate);
        }

        /// Candidate less base.
        public double delta() {
            return candidate - base;
        }

        /// Candidate less base, of base; infinite where base is 0 and candidate is not.
        public double ratio() {
            return delta() == 0 ? 0 : delta() / base;
        }
    }

    /// One part of the difference of `t_token.mean`, in microseconds.
    public record Share(String component, double deltaUs) {}

    /// What changed among kernels (operators, in a run on a CPU).
    public record KernelChanges(List<Change> appeared, List<Change> vanished, List<Change> changed) {
        public KernelChanges {
            appeared = List.copyOf(appeared);
            vanished = List.copyOf(vanished);
            changed = List.copyOf(changed);
        }
    }

    /// One kernel in both runs, per step.
    public record Change(String name, KernelUse base, KernelUse candidate) {
        public double deltaUs() {
            return candidate.usPerStep() - base.usPerStep();
        }
    }

    public Comparison {
        metrics = List.copyOf(metrics);
        attribution = List.copyOf(attribution);
    }

    public static Comparison of(RunSamples base, RunSamples candidate) {
        List<Metric> metrics = new ArrayList<>();
        for (Statistic statistic : Statistic.values()) {
            metrics.add(metric("t_token." + statistic.key(), base.tTokenUs(), candidate.tTokenUs(), statistic));
        }
        List<Share> attribution = new ArrayList<>();
        for (String component : components(base, candidate)) {
            List<Double> before = base.componentsUs().get(component);
            List<Double> after = candidate.componentsUs().get(component);
            metrics.add(metric(component + ".mean", before, after, Statistic.MEAN));
            attribution.add(new Share(component, mean(after) - mean(before)));
        }
        attribution.sort(Comparator.comparingDouble((Share s) -> -Math.abs(s.deltaUs())));
        return new Comparison(
                base.name(),
                candidate.name(),
                base.stage(),
                candidate.stage(),
                new Steps(base.tTokenUs().size(), candidate.tTokenUs().size()),
                metrics,
                attribution,
                kernels(base, candidate));
    }

    /// The metric of the name.
    public Optional<Metric> metric(String name) {
        return metrics.stream().filter(m -> m.name().equals(name)).findFirst();
    }

    private static Metric metric(
            String name, @Nullable List<Double> base, @Nullable List<Double> candidate, Statistic statistic) {
        if (base == null || candidate == null) {
            return new Metric(name, figure(base, statistic), figure(candidate, statistic), Shift.UNKNOWN);
        }
        double[] a = array(base);
        double[] b = array(candidate);
        return new Metric(name, statistic.of(a), statistic.of(b), Shift.of(a, b, statistic));
    }

    private static double figure(@Nullable List<Double> samples, Statistic statistic) {
        return samples == null ? Double.NaN : statistic.of(array(samples));
    }

    /// A part that a run does not have makes up none of its step.
    private static double mean(@Nullable List<Double> samples) {
        return samples == null ? 0 : Statistic.MEAN.of(array(samples));
    }

    private static double[] array(List<Double> samples) {
        return samples.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static List<String> components(RunSamples base, RunSamples candidate) {
        TreeSet<String> all = new TreeSet<>(base.componentsUs().keySet());
        all.addAll(candidate.componentsUs().keySet());
        return List.copyOf(all);
    }

    private static KernelChanges kernels(RunSamples base, RunSamples candidate) {
        double step = Math.max(1e-9, Statistic.MEAN.of(array(base.tTokenUs())));
        KernelUse none = new KernelUse(0, 0);
        Map<String, Change> all = new TreeMap<>();
        base.kernels().forEach((name, use) -> all.put(name, new Change(name, use, none)));
        candidate
                .kernels()
                .forEach((name, use) -> all.merge(
                        name, new Change(name, none, use), (a, b) -> new Change(name, a.base(), b.candidate())));
        List<Change> appeared = new ArrayList<>();
        List<Change> vanished = new ArrayList<>();
        List<Change> changed = new ArrayList<>();
        for (Change change : all.values()) {
            if (change.base().callsPerStep() == 0) {
                appeared.add(change);
            } else if (change.candidate().callsPerStep() == 0) {
                vanished.add(change);
            } else if (Math.abs(change.deltaUs()) > LEAST_SHARE_OF_STEP * step
                    && Math.abs(change.deltaUs()) > LEAST_CHANGE * change.base().usPerStep()) {
                changed.add(change);
            }
        }
        Comparator<Change> bySize = Comparator.comparingDouble(c -> -Math.abs(c.deltaUs()));
        return new KernelChanges(
                appeared.stream().sorted(bySize).toList(),
                vanished.stream().sorted(bySize).toList(),
                changed.stream().sorted(bySize).toList());
    }
}
