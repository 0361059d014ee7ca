package dev.hourglass.core.analysis;

import dev.hourglass.core.analysis.DecodeProfile.ComponentTime;
import dev.hourglass.core.unit.Distribution;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// A recorded decode run explained in the terms of every other session: one stage, decode, with its
/// bound and what was found.
public final class DecodeExplanation {
    private static final String DISTURBED = "severe";
    private static final double WAITING = 0.15;

    private final DecodeProfile profile;

    private DecodeExplanation(DecodeProfile profile) {
        this.profile = profile;
    }

    public static Explanation of(DecodeProfile profile) {
        return new DecodeExplanation(profile).explain();
    }

    private Explanation explain() {
        Bound bound = bound();
        StageTime stage = new StageTime(
                "decode",
                profile.tToken().n(),
                0,
                false,
                profile.tToken(),
                profile.tokens().stream().map(DecodeProfile.TokenTime::us).toList(),
                OptionalDouble.empty(),
                components(),
                0,
                OptionalDouble.empty(),
                OptionalDouble.of(1),
                0,
                0,
                OptionalDouble.empty(),
                profile.bound().isPresent()
                        ? OptionalDouble.of(profile.bound().get().tokenBytesPerSecond()
                                / profile.bound().get().ceilingBytesPerSecond())
                        : OptionalDouble.empty(),
                "weight bytes of a step over T_token, against the read bandwidth that as many threads reach on this"
                        + " machine; no peak of its arithmetic was measured",
                bound);
        return new Explanation(
                profile.facts(),
                List.of(stage),
                bound,
                findings(bound),
                Map.of(),
                profile.questions(),
                Optional.empty(),
                Optional.empty(),
                profile.notMeasured(),
                profile.losses());
    }

    /// Parts that do not overlap; with the remainder they add up to T_token.
    private Map<String, Double> components() {
        Map<String, Double> us = new LinkedHashMap<>();
        for (ComponentTime c : profile.components()) {
            if (c.component().exclusive() && c.time().isPresent()) {
                us.put(c.component().key(), c.time().get().mean());
            }
        }
        return us;
    }

    private Bound bound() {
        return profile.bound()
                .map(b -> switch (b.verdict()) {
                    case "memory" -> Bound.MEMORY;
                    case "compute" -> Bound.COMPUTE;
                    default -> Bound.UNCLEAR;
                })
                .orElse(Bound.UNCLEAR);
    }

    private List<Finding> findings(Bound bound) {
        List<Finding> found = new ArrayList<>();
        profile.contention()
                .filter(c -> c.level().equals(DISTURBED))
                .ifPresent(c -> found.add(finding(
                        "decode/contention",
                        Finding.Severity.WARNING,
                        "Other work disturbed this run: " + c.reason(),
                        Bound.NONE,
                        0,
                        "SELECT name, value FROM metadata WHERE name LIKE 'contention.%'",
                        "Run again on a quiet machine, or pin the engine's threads.")));
        ComponentTime neck = profile.neck();
        double share = neck.share().orElse(0);
        String rate = profile.bound()
                .map(b -> "; it reads weights at " + Format.value(b.expertBytesPerSecond(), Unit.BYTES_PER_SECOND)
                        + ", " + Format.value(b.ratio(), Unit.RATIO) + " of what memory delivers to as many threads")
                .orElse("");
        found.add(finding(
                "decode/bound",
                Finding.Severity.INFO,
                neck.component().label() + " takes " + Format.value(share, Unit.RATIO) + " of T_token" + rate,
                bound,
                share,
                AnalysisLibrary.query(AnalysisLibrary.find("decode/bound")),
                remedy(bound)));
        waiting().ifPresent(found::add);
        return found;
    }

    private Optional<Finding> waiting() {
        return profile.components().stream()
                .filter(c -> c.component().key().equals("t_sync") && c.share().orElse(0) >= WAITING)
                .findFirst()
                .map(c -> finding(
                        "decode/sync",
                        Finding.Severity.INFO,
                        "Compute threads wait for each other for " + us(c.time()) + " of each token, "
                                + Format.value(c.share().orElse(0), Unit.RATIO) + " of T_token",
                        Bound.SYNC,
                        c.share().orElse(0),
                        AnalysisLibrary.query(AnalysisLibrary.find("decode/sync")),
                        "Fewer threads (llama.cpp: -t at most the physical cores), no other work beside them."));
    }

    private static String us(Optional<Distribution> time) {
        return time.map(t -> Format.value(t.mean(), Unit.MICROSECONDS)).orElse("an unknown part");
    }

    private static String remedy(Bound bound) {
        return switch (bound) {
            case MEMORY ->
                "Fewer bytes per weight (a smaller quantisation), faster memory, or a batch so that weights are"
                        + " read once for several tokens; more cores do not help.";
            case COMPUTE ->
                "More or wider cores (AVX-512, AMX), or a format that these compute faster; memory keeps up.";
            default -> "Measure the ceilings of this machine, and look at the largest part first.";
        };
    }

    private Finding finding(
            String id, Finding.Severity severity, String title, Bound bound, double share, String sql, String remedy) {
        double ns = share * profile.tToken().mean() * profile.tToken().n() * 1000;
        return new Finding(
                id,
                severity,
                title,
                bound,
                "decode",
                -1,
                share,
                ns,
                ns,
                sql,
                remedy,
                OptionalDouble.empty(),
                "not estimated");
    }
}
