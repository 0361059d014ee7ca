package dev.hourglass.core.model.family;

import dev.hourglass.core.model.Doubt;
import dev.hourglass.core.model.Group;
import dev.hourglass.core.model.Operator;
import dev.hourglass.core.model.Reach;
import dev.hourglass.core.model.Split;
import dev.hourglass.core.model.family.Attend.Gate;
import dev.hourglass.core.model.family.Attend.QueryKeyNorm;
import dev.hourglass.core.model.family.Blocks.Latent;
import dev.hourglass.core.model.family.Decoder.Placed;
import dev.hourglass.core.model.keys.Defaults;
import dev.hourglass.core.model.keys.Keys;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/// Decoders some or all of whose layers keep a state of fixed size: linear attention, state-space
/// scans, short convolutions.
final class RecurrentFamilies {
    static final List<Family> ALL = List.of(
            new Family("qwen3_next", List.of("qwen3_next"), "Qwen3NextForCausalLM", RecurrentFamilies::qwen3Next),
            new Family("qwen3_5_text", List.of("qwen3_5_text"), "Qwen3_5ForCausalLM", RecurrentFamilies::qwen35),
            new Family(
                    "qwen3_5_moe_text",
                    List.of("qwen3_5_moe_text"),
                    "Qwen3_5MoeForCausalLM",
                    RecurrentFamilies::qwen35Moe),
            new Family("olmo_hybrid", List.of("olmo_hybrid"), "OlmoHybridForCausalLM", RecurrentFamilies::olmoHybrid),
            new Family("kimi_linear", List.of("kimi_linear"), "KimiLinearForCausalLM", RecurrentFamilies::kimiLinear),
            new Family("mamba", List.of("mamba"), "MambaForCausalLM", RecurrentFamilies::mamba),
            new Family("falcon_mamba", List.of("falcon_mamba"), "FalconMambaForCausalLM", RecurrentFamilies::mamba),
            new Family("mamba2", List.of("mamba2"), "Mamba2ForCausalLM", RecurrentFamilies::mamba2),
            new Family("jamba", List.of("jamba"), "JambaForCausalLM", RecurrentFamilies::jamba),
            new Family("bamba", List.of("bamba"), "BambaForCausalLM", RecurrentFamilies::bamba),
            new Family("falcon_h1", List.of("falcon_h1"), "FalconH1ForCausalLM", RecurrentFamilies::falconH1),
            new Family(
                    "granitemoehybrid",
                    List.of("granitemoehybrid"),
                    "GraniteMoeHybridForCausalLM",
                    RecurrentFamilies::granite),
            new Family("nemotron_h", List.of("nemotron_h"), "NemotronHForCausalLM", RecurrentFamilies::nemotronH));

    private static final String INTERMEDIATE = "intermediate_size";
    private static final String FEED = "feed_forward.";

    private RecurrentFamilies() {}

    private static Decoder qwen3Next(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k);
        k.flag("use_sliding_window");
        IntPredicate sparse = LayerKinds.sparseSteps(k);
        Mixture mixture = sharedMixture(k);
        long intermediate = k.positive(INTERMEDIATE);
        return decoder.layers(
                gatedDelta(k, decoder),
                layer -> sparse.test(layer) ? mixture.at(Decoder.FEED) : decoder.gated(intermediate, false));
    }

    private static Mixture sharedMixture(Keys k) {
        return Mixture.of(k)
                .shared("shared_expert", k.positive("shared_expert_intermediate_size"), false)
                .sharedGate();
    }

    static Decoder qwen35(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k);
        decoder.multiToken(k.count("mtp_num_hidden_layers").orElse(0));
        long intermediate = k.positive(INTERMEDIATE);
        return decoder.layers(gatedDelta(k, decoder), layer -> decoder.gated(intermediate, false));
    }

    static Decoder qwen35Moe(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k);
        decoder.multiToken(k.count("mtp_num_hidden_layers").orElse(0));
        Mixture mixture = sharedMixture(k);
        return decoder.layers(gatedDelta(k, decoder), layer -> mixture.at(Decoder.FEED));
    }

    /// Gated delta rule in most layers, gated attention in the others.
    private static Decoder.PerLayer gatedDelta(Keys k, Decoder decoder) {
        boolean bias = k.flag("attention_bias");
        Attend attend = Attend.of(k)
                .bias(bias, bias)
                .norm(QueryKeyNorm.HEAD)
                .gate(k.flag("attn_output_gate", true) ? Gate.IN_QUERY : Gate.NONE);
        Operator.DeltaRule core = delta(k);
        IntPredicate linear = LayerKinds.linear(k, decoder.layers(), 4);
        boolean apart = !k.given("decoder_sparse_step") && !k.has("decoder_sparse_step");
        return layer -> linear.test(layer)
                ? (apart
                        ? Blocks.deltaNetApart("linear_attn.", decoder.hidden(), core)
                        : Blocks.deltaNet("linear_attn.", decoder.hidden(), core))
                : attend.at(Decoder.ATTENTION, new Reach.All());
    }

    private static Operator.DeltaRule delta(Keys k) {
        long values = k.positive("linear_num_value_heads");
        return new Operator.DeltaRule(
                "linear_attn.delta_rule",
                k.positive("linear_num_key_heads"),
                values,
                k.positive("linear_key_head_dim"),
                k.positive("linear_value_head_dim"),
                k.positive("linear_conv_kernel_dim"),
                values);
    }

    private static Decoder olmoHybrid(Keys k) {
        boolean bias = k.flag("attention_bias");
        Decoder decoder = Decoder.of(k).rotary(k).norms(Placed.BEFORE);
        Attend attend = Attend.of(k).bias(bias, bias).norm(QueryKeyNorm.WIDE);
        Operator.DeltaRule core = olmoDelta(k, decoder.hidden());
        IntPredicate linear = LayerKinds.linear(k, decoder.layers(), 4);
        long intermediate = k.positive(INTERMEDIATE);
        return decoder.layers(
                layer -> linear.test(layer)
                        ? Blocks.deltaNet("linear_attn.", decoder.hidden(), core)
                        : attend.at(Decoder.ATTENTION, new Reach.All()),
                layer -> decoder.gated(intermediate, false));
    }

    private static Operator.DeltaRule olmoDelta(Keys k, long hidden) {
        long heads = k.positive("num_attention_heads");
        long keyWidth = k.positive("linear_key_head_dim", 3 * hidden / (4 * heads));
        long values = k.positive("linear_num_value_heads", heads);
        return new Operator.DeltaRule(
                "linear_attn.delta_rule",
                k.positive("linear_num_key_heads", heads),
                values,
                keyWidth,
                k.positive("linear_value_head_dim", 2 * keyWidth),
                k.positive("linear_conv_kernel_dim"),
                values);
    }

    /// Kimi's delta attention, whose state decays per channel, between layers of latent attention.
    private static Decoder kimiLinear(Keys k) {
        Decoder decoder = Decoder.of(k);
        Keys delta = k.child("linear_attn_config", Defaults.of("kimi_delta"));
        Latent latent = Latent.of(k);
        List<Long> full = delta.counts("full_attn_layers");
        delta.counts("kda_layers");
        Operator.DeltaRule core = kimiCore(k, delta);
        List<String> kinds = LayerKinds.of(
                k,
                "layer_types",
                List.of(LayerKinds.FULL, LayerKinds.LINEAR),
                decoder.layers(),
                layer -> full.contains(layer + 1L) ? LayerKinds.FULL : LayerKinds.LINEAR);
        Mixture mixture =
                Mixture.of(k).shared(k.count("n_shared_experts").orElse(0) * k.positive("moe_intermediate_size"));
        IntPredicate sparse = LayerKinds.sparse(k, decoder.layers(), 1);
        long intermediate = k.positive(INTERMEDIATE);
        decoder.multiToken(k.count("num_nextn_predict_layers").orElse(0));
        return decoder.layers(
                layer -> kinds.get(layer).equals(LayerKinds.LINEAR)
                        ? kimiDelta(decoder.hidden(), core)
                        : latent.operators(Decoder.ATTENTION),
                layer -> sparse.test(layer) ? mixture.at(Decoder.FEED) : decoder.gated(intermediate, false));
    }

    private static Operator.DeltaRule kimiCore(Keys k, Keys delta) {
        long heads = k.positive("linear_num_heads", delta.positive("num_heads"));
        long width = k.positive("linear_head_dim", delta.positive("head_dim"));
        long kernel = k.positive("linear_conv_kernel_dim", delta.positive("short_conv_kernel_size"));
        return new Operator.DeltaRule("self_attn.delta_rule", heads, heads, width, width, kernel, heads * width);
    }

    private static List<Operator> kimiDelta(long hidden, Operator.DeltaRule core) {
        long heads = core.valueHeads();
        long width = core.valueWidth();
        Split split = Split.outputs(heads);
        List<Operator> ops = new ArrayList<>();
        for (String name : List.of("q_proj", "k_proj", "v_proj")) {
            ops.add(linear(name, hidden, heads * width, split));
        }
        ops.add(linear("forget_gate.f_a_proj", hidden, width, Split.NONE));
        ops.add(linear("forget_gate.f_b_proj", width, heads * width, split));
        ops.add(linear("b_proj", hidden, heads, split));
        ops.add(core);
        ops.add(linear("g_a_proj", hidden, width, Split.NONE));
        ops.add(linear("g_b_proj", width, heads * width, split));
        ops.add(Blocks.Normed.SCALE.over("self_attn.o_norm", width, heads));
        ops.add(linear("o_proj", heads * width, hidden, Split.inputs(heads)));
        return ops;
    }

    private static Operator linear(String name, long inputs, long outputs, Split split) {
        return Blocks.linear(Decoder.ATTENTION + name, Group.LINEAR_ATTN, inputs, outputs, false, split);
    }

    private static Decoder mamba(Keys k) {
        Decoder decoder = Decoder.of(k).norms(Blocks.Normed.SCALE, "norm_f");
        long inner = k.positive("expand") * decoder.hidden();
        Operator.SelectiveScan core = new Operator.SelectiveScan(
                "mixer.scan",
                k.positive(INTERMEDIATE, inner),
                k.positive("state_size"),
                k.positive("conv_kernel"),
                k.flag("use_conv_bias"));
        long rank = rank(k, "time_step_rank", decoder.hidden());
        boolean bias = k.flag("use_bias");
        return decoder.blocks("norm", layer -> Blocks.selective("mixer.", decoder.hidden(), core, rank, bias, false));
    }

    /// `auto` is a sixteenth of the hidden size, rounded up.
    private static long rank(Keys k, String key, long hidden) {
        return k.isText(key) ? Math.ceilDiv(hidden, 16) : k.positive(key, Math.ceilDiv(hidden, 16));
    }

    private static Decoder mamba2(Keys k) {
        Decoder decoder = Decoder.of(k);
        long inner = (long) (k.real("expand", 2) * decoder.hidden());
        boolean bias = k.flag("use_bias");
        Operator.StateScan core = new Operator.StateScan(
                "mixer.scan",
                k.positive("num_heads"),
                k.positive("head_dim"),
                k.positive("state_size"),
                k.positive("n_groups"),
                k.positive("conv_kernel"),
                k.flag("use_conv_bias"));
        if (core.inner() != inner) {
            throw k.wrong("num_heads", "expand × hidden_size / head_dim = " + inner / core.headWidth());
        }
        return decoder.blocks("norm", layer -> Blocks.scan("mixer.", decoder.hidden(), core, bias, true));
    }

    private static Decoder jamba(Keys k) {
        Decoder decoder = Decoder.of(k)
                .norms(Blocks.Normed.SCALE, "final_layernorm")
                .norms(new Placed(List.of("input_layernorm"), List.of("pre_ff_layernorm"), List.of()));
        Operator.SelectiveScan core = new Operator.SelectiveScan(
                "mamba.scan",
                k.positive("mamba_expand") * decoder.hidden(),
                k.positive("mamba_d_state"),
                k.positive("mamba_d_conv"),
                k.flag("mamba_conv_bias"));
        long rank = rank(k, "mamba_dt_rank", decoder.hidden());
        boolean bias = k.flag("mamba_proj_bias");
        Attend attend = Attend.of(k);
        long period = k.positive("attn_layer_period");
        long offset = k.count("attn_layer_offset").orElse(0);
        long expertPeriod = k.positive("expert_layer_period");
        long expertOffset = k.count("expert_layer_offset").orElse(0);
        boolean experts = k.positive("num_experts", 1) > 1;
        long intermediate = k.positive(INTERMEDIATE);
        return decoder.layers(
                layer -> layer % period == offset
                        ? attend.at(Decoder.ATTENTION, new Reach.All())
                        : Blocks.selective("mamba.", decoder.hidden(), core, rank, bias, true),
                layer -> experts && layer % expertPeriod == expertOffset
                        ? Mixture.of(k, INTERMEDIATE).router("router").at(FEED)
                        : Blocks.gated(FEED, Group.MLP, decoder.hidden(), intermediate, false));
    }

    /// A scan under the keys `mamba_…`, of the width that `mamba_d_ssm` or `mamba_expand` says.
    private static Operator.StateScan scan(Keys k, long hidden) {
        long inner = k.positive("mamba_d_ssm", (long) (k.real("mamba_expand", 2) * hidden));
        long heads = k.positive("mamba_n_heads");
        long width = k.isText("mamba_d_head") ? inner / heads : k.positive("mamba_d_head", inner / heads);
        if (heads * width != inner) {
            throw k.wrong("mamba_n_heads", "inner width " + inner + " / mamba_d_head");
        }
        return new Operator.StateScan(
                "mamba.scan",
                heads,
                width,
                k.positive("mamba_d_state"),
                k.positive("mamba_n_groups"),
                k.positive("mamba_d_conv"),
                k.flag("mamba_conv_bias"));
    }

    private static Decoder bamba(Keys k) {
        Decoder decoder = Decoder.of(k)
                .rotary(k)
                .norms(Blocks.Normed.SCALE, "final_layernorm")
                .norms(new Placed(List.of("input_layernorm"), List.of("pre_ff_layernorm"), List.of()));
        Operator.StateScan core = scan(k, decoder.hidden());
        boolean bias = k.flag("attention_bias");
        boolean projection = k.flag("mamba_proj_bias");
        Attend attend = Attend.of(k).bias(bias, bias);
        List<Long> attention = k.counts("attn_layer_indices");
        long intermediate = k.positive(INTERMEDIATE);
        boolean feedBias = k.flag("mlp_bias");
        return decoder.layers(
                layer -> attention.contains((long) layer)
                        ? attend.at(Decoder.ATTENTION, new Reach.All())
                        : Blocks.scan("mamba.", decoder.hidden(), core, projection, true),
                layer -> Blocks.gated(FEED, Group.MLP, decoder.hidden(), intermediate, feedBias));
    }

    /// A scan and attention side by side in every layer.
    private static Decoder falconH1(Keys k) {
        Decoder decoder = Decoder.of(k)
                .rotary(k)
                .norms(Blocks.Normed.SCALE, "final_layernorm")
                .norms(new Placed(List.of("input_layernorm"), List.of("pre_ff_layernorm"), List.of()));
        Operator.StateScan core = scan(k, decoder.hidden());
        boolean bias = k.flag("attention_bias");
        boolean[] projection = {k.flag("mamba_proj_bias"), k.flag("projectors_bias")};
        boolean norm = k.flag("mamba_rms_norm");
        Attend attend = Attend.of(k).bias(bias, bias);
        long intermediate = k.positive(INTERMEDIATE);
        boolean feedBias = k.flag("mlp_bias");
        return decoder.layers(
                layer -> {
                    List<Operator> both =
                            new ArrayList<>(Blocks.scan("mamba.", decoder.hidden(), core, projection, norm));
                    both.addAll(attend.at(Decoder.ATTENTION, new Reach.All()));
                    return both;
                },
                layer -> Blocks.gated(FEED, Group.MLP, decoder.hidden(), intermediate, feedBias));
    }

    private static Decoder granite(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k);
        boolean bias = k.flag("attention_bias");
        Attend attend = Attend.of(k).bias(bias, bias);
        List<String> kinds = LayerKinds.of(
                k,
                k.has("layers_block_type") ? "layers_block_type" : "layer_types",
                List.of(LayerKinds.FULL, LayerKinds.LINEAR),
                decoder.layers(),
                layer -> LayerKinds.LINEAR);
        boolean scans = kinds.contains(LayerKinds.LINEAR);
        boolean projection = k.flag("mamba_proj_bias");
        long shared = k.count("shared_intermediate_size").orElse(0);
        long experts = k.count("num_experts").orElse(0);
        return decoder.layers(
                layer -> scans && kinds.get(layer).equals(LayerKinds.LINEAR)
                        ? Blocks.scan("mamba.", decoder.hidden(), scan(k, decoder.hidden()), projection, true)
                        : attend.at(Decoder.ATTENTION, new Reach.All()),
                layer -> experts > 0
                        ? Mixture.of(k, INTERMEDIATE)
                                .router("router")
                                .shared("shared_mlp", shared, false)
                                .at("block_sparse_moe.")
                        : Blocks.gated("shared_mlp.", Group.MLP, decoder.hidden(), shared, false));
    }

    private static Decoder nemotronH(Keys k) {
        List<String> kinds = NemotronLayers.of(k);
        Decoder decoder = Decoder.of(k, kinds.size()).norms(Blocks.Normed.SCALE, "norm_f");
        long said = k.optional("num_hidden_layers").orElse(kinds.size());
        if (said != kinds.size()) {
            decoder.doubt(Doubt.contradiction("num_hidden_layers is " + said + ", but the pattern has " + kinds.size()
                    + " layers, which are counted."));
        }
        k.optional("intermediate_size");
        k.text("mtp_hybrid_override_pattern");
        k.texts("mtp_layers_block_type");
        NemotronLayers layers = new NemotronLayers(k, decoder.hidden());
        decoder.multiToken(k.count("num_nextn_predict_layers").orElse(0));
        return decoder.blocks("norm", layer -> layers.at(kinds.get(layer)));
    }
}
