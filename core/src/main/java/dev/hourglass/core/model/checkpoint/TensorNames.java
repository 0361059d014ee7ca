package dev.hourglass.core.model.checkpoint;

import dev.hourglass.core.model.Group;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a stored tensor belongs to, by its name: as Transformers and as GGUF files name it.
final class TensorNames {
    /// The first pattern that is found in a name decides.
    private static final List<Rule> RULES = List.of(
            rule(
                    "visual\\.|vision_tower|vision_model|multi_modal_projector|mm_projector|embed_vision|^v\\.|^mm\\.",
                    Group.VISION),
            rule("(?i)norm|\\bln_|\\bln\\.", Group.NORM),
            rule("lm_head|proj_out|^output\\.|embed_out", Group.LM_HEAD),
            rule("embed|token_embd|position_embd|\\bwte\\b|\\bwpe\\b|^shared\\.", Group.EMBED),
            rule("encoder_attn|cross_attn|EncDecAttention", Group.CROSS_ATTN),
            rule("shared_expert_gate|gate_inp_shexp", Group.SHARED_EXPERT_GATE),
            rule("shared_expert|shexp|shared_mlp", Group.SHARED_EXPERTS),
            rule(
                    "(mlp|moe|ffn|mixer|feed_forward)\\.gate\\.|router|ffn_gate_inp|exp_probs_b|correction_bias|expert_bias",
                    Group.ROUTER),
            rule("experts|_exps", Group.ROUTED_EXPERTS),
            rule("linear_attn|attn_qkv|attn_gate", Group.LINEAR_ATTN),
            rule("mixer\\.(q|k|v|o)_proj", Group.ATTN),
            rule("mixer\\.(up|down)_proj", Group.MLP),
            rule("mixer\\.|ssm_|mamba\\.", Group.SSM),
            rule("\\bconv\\.|shortconv", Group.CONV),
            rule("(?i)attn|attention", Group.ATTN),
            rule("mlp\\.|ffn|fc[#12]|feed_forward|DenseReluDense|(intermediate|output)\\.dense", Group.MLP),
            rule("conv[#12]", Group.CONV));

    private static final Pattern LAYER = Pattern.compile("(?:\\blayers|\\bblk)\\.(\\d{1,6})\\.");

    private static final Pattern DIGITS = Pattern.compile("\\d+");

    private final Map<String, Group> known = new HashMap<>();

    private record Rule(Pattern pattern, Group group) {}

    private static Rule rule(String pattern, Group group) {
        return new Rule(Pattern.compile(pattern), group);
    }

    /// Names that differ in their numbers alone are looked at once.
    Group group(String name) {
        return known.computeIfAbsent(DIGITS.matcher(name).replaceAll("#"), TensorNames::byRule);
    }

    private static Group byRule(String name) {
        for (Rule rule : RULES) {
            if (rule.pattern().matcher(name).find()) {
                return rule.group();
            }
        }
        return Group.OTHER;
    }

    /// The layer in a name, if there is one.
    static OptionalInt layer(String name) {
        Matcher layer = LAYER.matcher(name);
        return layer.find() ? OptionalInt.of(Integer.parseInt(layer.group(1))) : OptionalInt.empty();
    }
}
