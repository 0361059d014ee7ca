package dev.hourglass.core.model.family;

import dev.hourglass.core.model.ModelException;
import dev.hourglass.core.model.keys.Keys;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;

/// Which layer is what: the many ways in which configurations write it.
public final class LayerKinds {
    public static final String FULL = "full_attention";
    public static final String LINEAR = "linear_attention";

    private static final String MLP_TYPES = "mlp_layer_types";

    private LayerKinds() {}

    /// The entries of a list of one kind per layer; empty where the key is absent.
    ///
    /// @throws ModelException if it has another length, or an entry that is not known
    public static List<String> listed(Keys k, String key, int layers, List<String> known) {
        List<String> types = k.texts(key).stream().map(LayerKinds::current).toList();
        if (!types.isEmpty() && types.size() != layers) {
            throw k.wrong(key, "one entry per layer, " + layers);
        }
        types.stream().filter(type -> !known.contains(type)).findFirst().ifPresent(type -> {
            throw k.wrong(key, "entries among " + known + " (one is \"" + type + "\")");
        });
        return types;
    }

    /// Older names of kinds.
    private static String current(String type) {
        return switch (type) {
            case "attention" -> FULL;
            case "mamba", "linear", "mamba2" -> LINEAR;
            case "deepseek_sparse_attention" -> "indexed_attention";
            default -> type;
        };
    }

    /// One kind per layer: as listed, or by a rule where nothing is.
    public static List<String> of(Keys k, String key, List<String> known, int layers, IntFunction<String> byRule) {
        List<String> types = listed(k, key, layers, known);
        if (!types.isEmpty()) {
            return types;
        }
        List<String> ruled = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            ruled.add(byRule.apply(layer));
        }
        return ruled;
    }

    /// Numbers of one per layer; empty where the key is absent.
    ///
    /// @throws ModelException if there are fewer than layers
    static List<Long> numbers(Keys k, String key, int layers) {
        List<Long> numbers = k.counts(key);
        if (!numbers.isEmpty() && numbers.size() < layers) {
            throw k.wrong(key, "one entry per layer, " + layers);
        }
        return numbers;
    }

    /// Which layers are linear attention, by `layer_types`, or all but each `full_attention_interval`-th.
    public static IntPredicate linear(Keys k, int layers, long usualInterval) {
        long interval = k.positive("full_attention_interval", usualInterval);
        List<String> types = of(
                k, "layer_types", List.of(FULL, LINEAR), layers, layer -> (layer + 1) % interval != 0 ? LINEAR : FULL);
        return layer -> types.get(layer).equals(LINEAR);
    }

    /// Which layers have experts, in whatever way the configuration says it; those that say nothing
    /// have them from layer `usual` on.
    public static IntPredicate sparse(Keys k, int layers, long usual) {
        List<String> types = listed(k, MLP_TYPES, layers, List.of("dense", "sparse"));
        if (!types.isEmpty()) {
            k.count("first_k_dense_replace");
            k.has("moe_layer_freq");
            return layer -> types.get(layer).equals("sparse");
        }
        if (k.isArray("moe_layer_freq")) {
            List<Long> each = k.counts("moe_layer_freq");
            if (each.size() != layers) {
                throw k.wrong("moe_layer_freq", "one entry per layer, " + layers);
            }
            k.count("first_k_dense_replace");
            return layer -> each.get(layer) > 0;
        }
        long dense = k.count("first_k_dense_replace").orElse(usual);
        long step = k.positive("moe_layer_freq", 1);
        return layer -> layer >= dense && layer % step == 0;
    }

    /// Each `decoder_sparse_step`-th layer, but for those listed as dense.
    public static IntPredicate sparseSteps(Keys k) {
        long step = k.positive("decoder_sparse_step", 1);
        Set<Long> dense = new HashSet<>(k.counts("mlp_only_layers"));
        return layer -> (layer + 1) % step == 0 && !dense.contains((long) layer);
    }
}
