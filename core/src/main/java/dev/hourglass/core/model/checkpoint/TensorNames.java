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
            rule("visual\\.|vision_tower|vision_model|multi_modal_projector|^v\\.|^mm\\.", Group.VISION),
            rule("norm", Group.NORM),
            rule("lm_head|proj_out|^output\\.", Group.LM_HEAD),
            rule("embed|token_embd|position_embd", Group.EMBED),
            rule("encoder_attn|cross_attn", Group.CROSS_ATTN),
            rule("linear_attn|attn_qkv|attn_gate", Group.LINEAR_ATTN),
            rule("mixer\\.|ssm_", Group.SSM),
            rule("self_attn|attn_|attention\\.", Group.ATTN),
            rule("shared_expert_gate|gate_inp_shexp", Group.SHARED_EXPERT_GATE),
            rule("shared_expert|shexp", Group.SHARED_EXPERTS),
            rule("(mlp|moe)\\.gate\\.|router|ffn_gate_inp|exp_probs_b|e_score_correction_bias", Group.ROUTER),
            rule("experts|_exps", Group.ROUTED_EXPERTS),
            rule("mlp\\.|ffn_|fc[#12]", Group.MLP),
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
