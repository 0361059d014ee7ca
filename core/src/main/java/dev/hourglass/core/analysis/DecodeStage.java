package dev.hourglass.core.analysis;

import dev.hourglass.core.analysis.DecodeProfile.ComponentTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// The stage of a decode run whose engine tells the parts of each token, and on which no GPU worked.
final class DecodeStage {
    static final String NAME = "decode";

    private DecodeStage() {}

    /// @param model what the model's arithmetic tells of its steps, where it was given
    static StageTime of(DecodeProfile profile, Optional<Utilization.Shares> model) {
        List<Double> each =
                profile.tokens().stream().map(DecodeProfile.TokenTime::us).toList();
        return new StageTime(
                NAME,
                profile.tToken().n(),
                0,
                false,
                Period.of(profile.tToken(), each, OptionalDouble.of(1)),
                profile.tToken(),
                each,
                OptionalDouble.empty(),
                components(profile),
                0,
                OptionalDouble.empty(),
                OptionalDouble.of(1),
                0,
                0,
                model.map(Utilization.Shares::mfu).orElse(OptionalDouble.empty()),
                model.map(Utilization.Shares::mbu)
                        .orElseGet(() -> profile.bound().stream()
                                .mapToDouble(b -> b.tokenBytesPerSecond() / b.ceilingBytesPerSecond())
                                .findFirst()),
                model.map(Utilization.Shares::basis)
                        .orElse(
                                "weight bytes of a step over T_token, against the read bandwidth that as many threads reach"
                                        + " on this machine; no peak of its arithmetic was measured"),
                bound(profile));
    }

    /// Parts that do not overlap; with the remainder they add up to T_token.
    private static Map<String, Double> components(DecodeProfile profile) {
        Map<String, Double> us = new LinkedHashMap<>();
        for (ComponentTime c : profile.components()) {
            c.time()
                    .filter(_ -> c.exclusive())
                    .ifPresent(t -> us.put(c.component().key(), t.mean()));
        }
        return us;
    }

    /// That of the part that takes most of a token.
    private static Bound bound(DecodeProfile profile) {
        return profile.readingOfNeck()
                .map(reading -> switch (reading.verdict()) {
                    case "memory" -> Bound.MEMORY;
                    case "compute" -> Bound.COMPUTE;
                    default -> Bound.UNCLEAR;
                })
                .orElse(Bound.UNCLEAR);
    }
}
