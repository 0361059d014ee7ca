package dev.hourglass.core.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/// Which layers see only a sliding window, and which are no attention at all.
///
/// @param perLayer the window of each layer; 0 where it sees everything
record Windows(List<Long> perLayer) {
    private static final String TYPES = "layer_types";
    private static final String SLIDING = "sliding_attention";
    private static final String FULL = "full_attention";
    private static final String LINEAR = "linear_attention";

    Windows {
        perLayer = List.copyOf(perLayer);
    }

    long at(int layer) {
        return perLayer.get(layer);
    }

    /// Every layer, where the key `sliding_window` is set.
    static long everywhere(Keys k) {
        return k.optional("sliding_window").orElse(0);
    }

    /// Every layer, where `use_sliding_window` says so.
    static long everywhereIfUsed(Keys k) {
        k.count("max_window_layers");
        long window = everywhere(k);
        return k.flag("use_sliding_window") ? window : 0;
    }

    /// Layers from `max_window_layers` on.
    static Windows above(Keys k, int layers) {
        long from = k.count("max_window_layers").orElse(0);
        return sliding(k, layers, everywhereIfUsed(k), layer -> layer >= from);
    }

    /// Every other layer below `max_window_layers`.
    static Windows below(Keys k, int layers) {
        long to = k.count("max_window_layers").orElse(0);
        return sliding(k, layers, everywhereIfUsed(k), layer -> layer % 2 == 0 && layer < to);
    }

    /// Every other layer, the first included.
    static Windows alternating(Keys k, int layers) {
        return sliding(k, layers, everywhere(k), layer -> layer % 2 == 0);
    }

    /// All but each `sliding_window_pattern`-th layer.
    static Windows pattern(Keys k, int layers) {
        long pattern = k.positive("sliding_window_pattern");
        return sliding(k, layers, everywhere(k), layer -> (layer + 1) % pattern != 0);
    }

    private static Windows sliding(Keys k, int layers, long window, IntPredicate byRule) {
        List<String> types = types(k, layers, List.of(FULL, SLIDING));
        List<Long> perLayer = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            boolean slides =
                    types.isEmpty() ? byRule.test(layer) : types.get(layer).equals(SLIDING);
            perLayer.add(slides ? window : 0L);
        }
        return new Windows(perLayer);
    }

    /// Layers of linear attention: as listed, or all but each `full_attention_interval`-th.
    static boolean[] linear(Keys k, int layers) {
        long interval = k.positive("full_attention_interval");
        List<String> types = types(k, layers, List.of(FULL, LINEAR));
        boolean[] linear = new boolean[layers];
        for (int layer = 0; layer < layers; layer++) {
            linear[layer] = types.isEmpty()
                    ? (layer + 1) % interval != 0
                    : types.get(layer).equals(LINEAR);
        }
        return linear;
    }

    private static List<String> types(Keys k, int layers, List<String> known) {
        List<String> types = k.texts(TYPES);
        if (!types.isEmpty() && types.size() != layers) {
            throw k.wrong(TYPES, "one entry per layer, " + layers);
        }
        types.stream().filter(type -> !known.contains(type)).findFirst().ifPresent(type -> {
            throw k.wrong(TYPES, "entries among " + known + " (one is \"" + type + "\")");
        });
        return types;
    }
}
