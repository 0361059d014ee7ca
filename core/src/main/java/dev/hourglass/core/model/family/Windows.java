package dev.hourglass.core.model.family;

import dev.hourglass.core.model.Reach;
import dev.hourglass.core.model.keys.Keys;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/// What the attention of each layer reaches.
///
/// @param perLayer one reach per layer
record Windows(List<Reach> perLayer) {
    private static final String SLIDING = "sliding_attention";
    private static final String CHUNKED = "chunked_attention";
    private static final String FULL = "full_attention";

    Windows {
        perLayer = List.copyOf(perLayer);
    }

    Reach at(int layer) {
        return perLayer.get(layer);
    }

    /// Every layer sees everything.
    static Windows full(int layers) {
        return same(layers, new Reach.All());
    }

    static Windows same(int layers, Reach reach) {
        return new Windows(java.util.Collections.nCopies(layers, reach));
    }

    /// The window under `sliding_window`; 0 where the key is not set.
    static long width(Keys k) {
        return k.optional("sliding_window").orElse(0);
    }

    /// Every layer, where the key `sliding_window` is set.
    static Windows everywhere(Keys k, int layers) {
        return same(layers, Reach.window(width(k)));
    }

    /// Every layer, where `use_sliding_window` says so.
    static Windows everywhereIfUsed(Keys k, int layers) {
        return same(layers, Reach.window(ifUsed(k)));
    }

    private static long ifUsed(Keys k) {
        k.count("max_window_layers");
        long window = width(k);
        return k.flag("use_sliding_window") ? window : 0;
    }

    /// Layers from `max_window_layers` on.
    static Windows above(Keys k, int layers) {
        long from = k.count("max_window_layers").orElse(0);
        return sliding(k, layers, ifUsed(k), layer -> layer >= from);
    }

    /// Every other layer below `max_window_layers`.
    static Windows below(Keys k, int layers) {
        long to = k.count("max_window_layers").orElse(0);
        return sliding(k, layers, ifUsed(k), layer -> layer % 2 == 0 && layer < to);
    }

    /// Every other layer, the first included.
    static Windows alternating(Keys k, int layers) {
        return sliding(k, layers, width(k), layer -> layer % 2 == 0);
    }

    /// All but each n-th layer, where `sliding_window_pattern` is n; or as its letters say, `LLLG`.
    static Windows pattern(Keys k, int layers) {
        return sliding(k, layers, width(k), patterned(k, "sliding_window_pattern"));
    }

    /// Which layers slide by a key that is a number or a pattern of `L` and `G`.
    private static IntPredicate patterned(Keys k, String key) {
        if (k.isText(key)) {
            String letters = k.text(key).orElse("G");
            return layer -> !letters.isEmpty() && letters.charAt(layer % letters.length()) == 'L';
        }
        long pattern = k.count(key).orElse(0);
        return layer -> pattern > 0 && (layer + 1) % pattern != 0;
    }

    /// As `layer_types` says, or by a rule where it is absent, with this window.
    static Windows sliding(Keys k, int layers, long window, IntPredicate byRule) {
        List<String> types = LayerKinds.listed(k, "layer_types", layers, List.of(FULL, SLIDING));
        List<Reach> perLayer = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            boolean slides =
                    types.isEmpty() ? byRule.test(layer) : types.get(layer).equals(SLIDING);
            perLayer.add(Reach.window(slides ? window : 0));
        }
        return new Windows(perLayer);
    }

    /// As `layer_types` says, or by a rule where it is absent, in chunks of this length.
    static Windows chunked(Keys k, int layers, long chunk, IntPredicate byRule) {
        List<String> types = LayerKinds.listed(k, "layer_types", layers, List.of(FULL, CHUNKED));
        List<Reach> perLayer = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            boolean cut =
                    types.isEmpty() ? byRule.test(layer) : types.get(layer).equals(CHUNKED);
            perLayer.add(cut && chunk > 0 ? new Reach.Chunk(chunk) : new Reach.All());
        }
        return new Windows(perLayer);
    }
}
