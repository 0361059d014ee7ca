package dev.hourglass.core.analysis;

import dev.hourglass.core.stat.Samples;
import dev.hourglass.core.unit.Distribution;
import dev.hourglass.core.unit.Unit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Estimates T_token at a model's full depth from a run of fewer layers.
///
/// The layers that did not run are taken to cost what the measured ones cost on average; what lies
/// outside the layers (embedding, head, sampling, the engine's own work) is taken as measured. The
/// range is that mean plus and minus two standard errors over the layers.
final class FullDepths {
    static final String METHOD =
            "estimate: measured T_token plus the missing layers at the mean time of the measured layers; range from"
                    + " two standard errors of that mean";

    private FullDepths() {}

    /// Empty where the model ran at full depth, or where its full depth is not known.
    static Optional<DecodeProfile.FullDepth> estimate(
            SessionFacts facts,
            Distribution tToken,
            List<DecodeProfile.ComponentTime> components,
            List<DecodeProfile.LayerTime> layers) {
        int full = (int) facts.number("model.layers_full");
        int missing = full - layers.size();
        if (layers.isEmpty() || missing <= 0) {
            return Optional.empty();
        }
        double[] us = layers.stream()
                .mapToDouble(l -> l.componentUs().values().stream()
                        .mapToDouble(Double::doubleValue)
                        .sum())
                .toArray();
        Distribution layer = Samples.distribution(Unit.MICROSECONDS, us);
        double estimate = tToken.mean() + missing * layer.mean();
        double range = 2 * missing * Samples.standardError(layer);
        return Optional.of(new DecodeProfile.FullDepth(
                layers.size(),
                full,
                estimate,
                estimate - range,
                estimate + range,
                components(components, layers, missing),
                METHOD));
    }

    private static Map<String, Double> components(
            List<DecodeProfile.ComponentTime> components, List<DecodeProfile.LayerTime> layers, int missing) {
        Map<String, Double> out = new LinkedHashMap<>();
        for (DecodeProfile.ComponentTime c : components) {
            String key = c.component().key();
            double inLayers = layers.stream()
                    .mapToDouble(l -> l.componentUs().getOrDefault(key, 0.0))
                    .sum();
            c.time()
                    .filter(t -> c.exclusive())
                    .ifPresent(t -> out.put(key, t.mean() + inLayers / layers.size() * missing));
        }
        return out;
    }
}
