package dev.hourglass.core.analysis;

import dev.hourglass.core.stat.Shift.Doubt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Something beside the times that is not the same on both sides, or that makes them say little.
///
/// @param kind what it means
/// @param what its name, for people
/// @param base as it is there; empty where not told
/// @param candidate as it is there; empty where not told
public record RunDifference(RunFact.Kind kind, String what, String base, String candidate) {
    private static final String QUIET = "none";
    private static final String SEVERE = "severe";

    /// What can no longer be said of times because of it.
    public Doubt doubt() {
        return switch (kind) {
            case WORK -> Doubt.OTHER_WORK;
            case RECORDING -> Doubt.RECORDED_OTHERWISE;
            case DISTURBANCE -> Doubt.DISTURBED;
            case SETTING, MACHINE -> Doubt.NONE;
        };
    }

    /// Of all of them, the first that leaves something in doubt.
    static Doubt doubt(List<RunDifference> differences) {
        return differences.stream()
                .map(RunDifference::doubt)
                .filter(d -> d != Doubt.NONE)
                .findFirst()
                .orElse(Doubt.NONE);
    }

    /// In the order of what they mean. A fact that only one side tells is no difference.
    static List<RunDifference> between(List<RunSamples> base, List<RunSamples> candidate) {
        List<RunDifference> all = new ArrayList<>();
        String before = base.getFirst().stage();
        String after = candidate.getFirst().stage();
        if (!before.equals(after)) {
            all.add(new RunDifference(RunFact.Kind.WORK, "stage", before, after));
        }
        for (RunFact.Kind kind : RunFact.Kind.values()) {
            Map<String, String> one = facts(base, kind);
            Map<String, String> other = facts(candidate, kind);
            if (kind == RunFact.Kind.DISTURBANCE) {
                disturbance(one, other).ifPresent(all::add);
                continue;
            }
            one.forEach((what, value) -> {
                String its = other.getOrDefault(what, value);
                if (!its.equals(value)) {
                    all.add(new RunDifference(kind, what, value, its));
                }
            });
        }
        return all;
    }

    /// Severe on one side is enough, and so is some: nobody knows which figures it moved.
    private static Optional<RunDifference> disturbance(Map<String, String> base, Map<String, String> candidate) {
        String before = worst(base);
        String after = worst(candidate);
        return Stream.of(before, after).allMatch(level -> level.isEmpty() || level.equals(QUIET))
                ? Optional.empty()
                : Optional.of(new RunDifference(RunFact.Kind.DISTURBANCE, "disturbance", before, after));
    }

    private static String worst(Map<String, String> facts) {
        String levels = facts.getOrDefault("disturbance", "");
        return levels.contains(SEVERE) ? SEVERE : levels.contains("some") ? "some" : levels;
    }

    /// What the runs of a side tell, each value once.
    private static Map<String, String> facts(List<RunSamples> side, RunFact.Kind kind) {
        Map<String, TreeSet<String>> values = new TreeMap<>();
        side.stream()
                .flatMap(run -> run.facts().stream())
                .filter(fact -> fact.kind() == kind)
                .forEach(fact -> values.computeIfAbsent(fact.what(), w -> new TreeSet<>())
                        .add(fact.value()));
        return values.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, e -> String.join(", ", e.getValue()), (a, b) -> a, TreeMap::new));
    }
}
