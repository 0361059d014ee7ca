package dev.hourglass.core.analysis;

import dev.hourglass.core.analysis.RunSamples.KernelUse;
import dev.hourglass.core.query.KernelName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What changed among kernels (operators, in a run on a CPU); each list has the largest difference first.
public record KernelChanges(List<Change> appeared, List<Change> vanished, List<Change> changed) {
    /// Share of a step below which a kernel's difference is not listed.
    private static final double LEAST_SHARE_OF_STEP = 0.005;
    /// Difference of its own time from which a kernel counts as changed.
    private static final double LEAST_CHANGE = 0.10;

    private static final KernelUse NONE = new KernelUse(0, 0);

    /// One kernel in both runs, per step.
    public record Change(String name, KernelUse base, KernelUse candidate) {
        public double deltaUs() {
            return candidate.usPerStep() - base.usPerStep();
        }
    }

    public KernelChanges {
        appeared = List.copyOf(appeared);
        vanished = List.copyOf(vanished);
        changed = List.copyOf(changed);
    }

    /// @param stepUs a step of the base
    static KernelChanges of(List<RunSamples> base, List<RunSamples> candidate, double stepUs) {
        boolean whole = Stream.of(base, candidate)
                .allMatch(side -> side.stream().anyMatch(run -> !run.fullNames().isEmpty()));
        Map<String, KernelUse> before = uses(base, whole);
        Map<String, KernelUse> after = uses(candidate, whole);
        Map<String, Change> all = new TreeMap<>();
        Map<String, String> brief = brief(base, candidate, whole);
        Stream.concat(before.keySet().stream(), after.keySet().stream())
                .distinct()
                .forEach(key -> all.put(
                        key,
                        new Change(
                                brief.getOrDefault(key, key),
                                before.getOrDefault(key, NONE),
                                after.getOrDefault(key, NONE))));
        return sorted(all.values().stream().toList(), Math.max(1e-9, stepUs));
    }

    private static KernelChanges sorted(List<Change> all, double stepUs) {
        List<Change> appeared = new ArrayList<>();
        List<Change> vanished = new ArrayList<>();
        List<Change> changed = new ArrayList<>();
        for (Change change : all) {
            if (change.base().callsPerStep() == 0) {
                appeared.add(change);
            } else if (change.candidate().callsPerStep() == 0) {
                vanished.add(change);
            } else if (Math.abs(change.deltaUs()) > LEAST_SHARE_OF_STEP * stepUs
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

    /// The mean over runs, by whole name: a short name is told apart from the others of its own session only.
    private static Map<String, KernelUse> uses(List<RunSamples> side, boolean whole) {
        Map<String, KernelUse> sums = new HashMap<>();
        for (RunSamples run : side) {
            run.kernels()
                    .forEach((name, use) -> sums.merge(
                            whole ? run.fullNames().getOrDefault(name, name) : name,
                            new KernelUse(use.callsPerStep() / side.size(), use.usPerStep() / side.size()),
                            (a, b) ->
                                    new KernelUse(a.callsPerStep() + b.callsPerStep(), a.usPerStep() + b.usPerStep())));
        }
        return sums;
    }

    /// Short names that no two kernels of all runs share, by whole name.
    private static Map<String, String> brief(List<RunSamples> base, List<RunSamples> candidate, boolean whole) {
        if (!whole) {
            return Map.of();
        }
        List<String> names = Stream.concat(base.stream(), candidate.stream())
                .flatMap(run -> run.kernels().keySet().stream()
                        .filter(run.fullNames()::containsKey)
                        .map(run.fullNames()::get))
                .distinct()
                .sorted()
                .toList();
        List<String> brief = KernelName.shortNames(names);
        Map<String, String> all = new HashMap<>();
        for (int i = 0; i < names.size(); i++) {
            all.put(names.get(i), brief.get(i));
        }
        return all;
    }
}
