package dev.hourglass.core.model.family;

import dev.hourglass.core.model.Group;
import dev.hourglass.core.model.Operator;
import dev.hourglass.core.model.Reach;
import dev.hourglass.core.model.keys.Keys;
import java.util.List;

/// The four kinds of layers of Nemotron-H, each of one part.
final class NemotronLayers {
    private static final String PATTERN = "hybrid_override_pattern";
    private static final String LISTED = "layers_block_type";
    private static final String PREFIX = "mixer.";

    private final Keys k;
    private final long hidden;
    private final boolean bias;

    NemotronLayers(Keys k, long hidden) {
        this.k = k;
        this.hidden = hidden;
        this.bias = k.flag("mlp_bias");
    }

    /// The kind of each layer: as listed, or by the letters M, *, E and - of the pattern.
    static List<String> of(Keys k) {
        List<String> known = List.of(LayerKinds.FULL, LayerKinds.LINEAR, "moe", "mlp");
        String listed = k.given("layer_types") ? "layer_types" : LISTED;
        if (k.isArray(listed) && (k.given(listed) || !k.given(PATTERN))) {
            return LayerKinds.listed(k, listed, k.texts(listed).size(), known);
        }
        String pattern = k.text(PATTERN).orElseThrow(() -> k.missing(PATTERN));
        return pattern.chars().mapToObj(letter -> kind(k, letter)).toList();
    }

    private static String kind(Keys k, int letter) {
        return switch (letter) {
            case 'M' -> LayerKinds.LINEAR;
            case '*' -> LayerKinds.FULL;
            case 'E' -> "moe";
            case '-' -> "mlp";
            default -> throw k.wrong(PATTERN, "made of the letters M, *, E and -");
        };
    }

    List<Operator> at(String kind) {
        return switch (kind) {
            case LayerKinds.LINEAR -> scan();
            case LayerKinds.FULL -> {
                boolean attentionBias = k.flag("attention_bias");
                yield Attend.of(k).bias(attentionBias, attentionBias).at(PREFIX, Reach.window(Windows.width(k)));
            }
            case "moe" -> experts();
            default -> Blocks.upDown(PREFIX, Group.MLP, hidden, k.positive("intermediate_size"), bias);
        };
    }

    private List<Operator> scan() {
        Operator.StateScan core = new Operator.StateScan(
                PREFIX + "scan",
                k.positive("mamba_num_heads"),
                k.positive("mamba_head_dim"),
                k.positive("ssm_state_size"),
                k.positive("n_groups"),
                k.positive("conv_kernel"),
                k.flag("use_conv_bias"));
        return Blocks.scan(PREFIX, hidden, core, k.flag("use_bias"), true);
    }

    private List<Operator> experts() {
        long shared = k.count("n_shared_experts").orElse(0);
        return Mixture.of(k)
                .plain()
                .latent(k.positive("moe_latent_size", 0))
                .shared("shared_experts", shared > 0 ? k.positive("moe_shared_expert_intermediate_size") : 0, bias)
                .at(PREFIX);
    }
}
