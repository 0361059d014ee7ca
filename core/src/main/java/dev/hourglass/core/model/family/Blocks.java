package dev.hourglass.core.model.family;

import dev.hourglass.core.model.Group;
import dev.hourglass.core.model.Group.Part;
import dev.hourglass.core.model.Operator;
import dev.hourglass.core.model.Scope;
import dev.hourglass.core.model.Split;
import dev.hourglass.core.model.keys.Keys;
import java.util.ArrayList;
import java.util.List;

/// The blocks of which families build their layers. Names follow the modules of Transformers.
final class Blocks {
    private Blocks() {}

    /// What a norm learns.
    enum Normed {
        /// A factor per element.
        SCALE,
        /// A factor and an offset per element.
        SCALE_AND_OFFSET,
        NOTHING;

        Operator over(String name, long width, long vectors) {
            return switch (this) {
                case SCALE -> new Operator.Norm(name, Group.NORM, width, vectors, false, new Scope.EachToken());
                case SCALE_AND_OFFSET ->
                    new Operator.Norm(name, Group.NORM, width, vectors, true, new Scope.EachToken());
                case NOTHING -> new Operator.Constant(name, Group.NORM, 0);
            };
        }
    }

    /// A projection inside a layer.
    static Operator.Linear linear(String name, Group group, long inputs, long outputs, boolean bias, Split split) {
        Part part = switch (group) {
            case ATTN, CROSS_ATTN, LINEAR_ATTN, SSM, CONV -> Part.PROJ;
            default -> Part.WHOLE;
        };
        return new Operator.Linear(name, group, part, inputs, outputs, bias, true, new Scope.EachToken(), split);
    }

    static Operator.Norm norm(String name, long width) {
        return new Operator.Norm(name, Group.NORM, width, 1, false, new Scope.EachToken());
    }

    static Operator.Norm layerNorm(String name, Group group, long width) {
        return new Operator.Norm(name, group, width, 1, true, new Scope.EachToken());
    }

    /// Latent attention; `queryRank` 0 where queries are projected at once.
    record Latent(long hidden, long heads, long queryRank, long rank, long nope, long rope, long value, boolean bias) {
        /// From the usual keys.
        static Latent of(Keys k) {
            k.optional("num_key_value_heads");
            k.optional("head_dim");
            k.optional("qk_head_dim");
            return new Latent(
                    k.positive("hidden_size"),
                    k.positive("num_attention_heads"),
                    k.positive("q_lora_rank", 0),
                    k.positive("kv_lora_rank"),
                    k.positive("qk_nope_head_dim"),
                    k.positive("qk_rope_head_dim"),
                    k.positive("v_head_dim"),
                    k.flag("attention_bias"));
        }

        List<Operator> operators(String prefix) {
            return operators(prefix, 0, List.of());
        }

        /// @param top how many cached tokens an indexer leaves; 0 for all
        /// @param indexer what chooses them
        List<Operator> operators(String prefix, long top, List<Operator> indexer) {
            long queries = heads * (nope + rope);
            List<Operator> ops = new ArrayList<>();
            if (queryRank == 0) {
                ops.add(linear(prefix + "q_proj", Group.ATTN, hidden, queries, false, Split.outputs(heads)));
            } else {
                ops.add(linear(prefix + "q_a_proj", Group.ATTN, hidden, queryRank, bias, Split.NONE));
                ops.add(norm(prefix + "q_a_layernorm", queryRank));
                ops.add(linear(prefix + "q_b_proj", Group.ATTN, queryRank, queries, false, Split.outputs(heads)));
            }
            ops.add(linear(prefix + "kv_a_proj_with_mqa", Group.ATTN, hidden, rank + rope, bias, Split.NONE));
            ops.add(norm(prefix + "kv_a_layernorm", rank));
            ops.addAll(indexer);
            ops.add(new Operator.LatentExpansion(prefix + "kv_b_proj", heads, rank, nope, value));
            ops.add(new Operator.LatentAttention(prefix + "attention", heads, rank, nope, rope, value, top));
            ops.add(linear(prefix + "o_proj", Group.ATTN, heads * value, hidden, bias, Split.inputs(heads)));
            return ops;
        }

        /// The projections and the scores of an indexer of `indexHeads` heads.
        List<Operator> indexer(String prefix, long indexHeads, long width) {
            return List.of(
                    linear(prefix + "wq_b", Group.ATTN, queryRank, indexHeads * width, false, Split.NONE),
                    linear(prefix + "wk", Group.ATTN, hidden, width, false, Split.NONE),
                    layerNorm(prefix + "k_norm", Group.NORM, width),
                    linear(prefix + "weights_proj", Group.ATTN, hidden, indexHeads, false, Split.NONE),
                    new Operator.Indexer(prefix + "scores", indexHeads, width, 1, 1));
        }
    }

    /// Gate, up and down.
    static List<Operator> gated(String prefix, Group group, long hidden, long intermediate, boolean bias) {
        if (intermediate == 0) {
            return List.of();
        }
        return List.of(
                linear(prefix + "gate_proj", group, hidden, intermediate, bias, Split.outputs(intermediate)),
                linear(prefix + "up_proj", group, hidden, intermediate, bias, Split.outputs(intermediate)),
                linear(prefix + "down_proj", group, intermediate, hidden, bias, Split.inputs(intermediate)));
    }

    /// Up and down, without a gate.
    static List<Operator> upDown(String prefix, Group group, long hidden, long intermediate, boolean bias) {
        if (intermediate == 0) {
            return List.of();
        }
        return List.of(
                linear(prefix + "up_proj", group, hidden, intermediate, bias, Split.outputs(intermediate)),
                linear(prefix + "down_proj", group, intermediate, hidden, bias, Split.inputs(intermediate)));
    }

    /// Two matrices with a function between them.
    static List<Operator> plain(String first, String second, Group group, long hidden, long intermediate) {
        return plain(first, second, group, new long[] {hidden, intermediate}, true);
    }

    /// @param widths outer and inner
    static List<Operator> plain(String first, String second, Group group, long[] widths, boolean bias) {
        return List.of(
                linear(first, group, widths[0], widths[1], bias, Split.outputs(widths[1])),
                linear(second, group, widths[1], widths[0], bias, Split.inputs(widths[1])));
    }

    /// The same with each projection apart, as newer checkpoints have it.
    static List<Operator> deltaNetApart(String prefix, long hidden, Operator.DeltaRule core) {
        long keys = core.keyHeads() * core.keyWidth();
        long values = core.valueHeads() * core.valueWidth();
        Split split = Split.outputs(core.keyHeads());
        Group group = Group.LINEAR_ATTN;
        return List.of(
                linear(prefix + "in_proj_qkv", group, hidden, 2 * keys + values, false, split),
                linear(prefix + "in_proj_z", group, hidden, values, false, split),
                linear(prefix + "in_proj_b", group, hidden, core.valueHeads(), false, split),
                linear(prefix + "in_proj_a", group, hidden, core.valueHeads(), false, split),
                core,
                Normed.SCALE.over(prefix + "norm", core.valueWidth(), core.valueHeads()),
                linear(prefix + "out_proj", group, values, hidden, false, Split.inputs(core.keyHeads())));
    }

    /// Linear attention by the gated delta rule, with its projections and its output norm.
    static List<Operator> deltaNet(String prefix, long hidden, Operator.DeltaRule core) {
        long keys = core.keyHeads() * core.keyWidth();
        long values = core.valueHeads() * core.valueWidth();
        return List.of(
                linear(
                        prefix + "in_proj_qkvz",
                        Group.LINEAR_ATTN,
                        hidden,
                        2 * keys + 2 * values,
                        false,
                        Split.outputs(core.keyHeads())),
                linear(
                        prefix + "in_proj_ba",
                        Group.LINEAR_ATTN,
                        hidden,
                        2 * core.valueHeads(),
                        false,
                        Split.outputs(core.keyHeads())),
                core,
                Normed.SCALE.over(prefix + "norm", core.valueWidth(), core.valueHeads()),
                linear(prefix + "out_proj", Group.LINEAR_ATTN, values, hidden, false, Split.inputs(core.keyHeads())));
    }

    /// A state-space mixer with its projections and, where it has one, its gated norm.
    static List<Operator> scan(String prefix, long hidden, Operator.StateScan core, boolean bias, boolean norm) {
        return scan(prefix, hidden, core, new boolean[] {bias, bias}, norm);
    }

    /// @param biases of the projection in and out
    static List<Operator> scan(String prefix, long hidden, Operator.StateScan core, boolean[] biases, boolean norm) {
        long inner = core.inner();
        List<Operator> ops = new ArrayList<>();
        ops.add(linear(
                prefix + "in_proj",
                Group.SSM,
                hidden,
                inner + core.channels() + core.heads(),
                biases[0],
                Split.outputs(List.of(
                        new Split.Share(2 * inner + core.heads(), core.heads()),
                        new Split.Share(2 * core.groups() * core.state(), core.groups())))));
        ops.add(core);
        if (norm) {
            ops.add(norm(prefix + "norm", inner));
        }
        ops.add(linear(prefix + "out_proj", Group.SSM, inner, hidden, biases[1], Split.inputs(core.heads())));
        return ops;
    }

    /// A selective-scan mixer with its projections; with norms where the family has them.
    static List<Operator> selective(
            String prefix, long hidden, Operator.SelectiveScan core, long rank, boolean bias, boolean norms) {
        long inner = core.inner();
        List<Operator> ops = new ArrayList<>();
        ops.add(linear(prefix + "in_proj", Group.SSM, hidden, 2 * inner, bias, Split.outputs(inner)));
        ops.add(linear(prefix + "x_proj", Group.SSM, inner, rank + 2 * core.state(), false, Split.inputs(inner)));
        if (norms) {
            ops.add(norm(prefix + "dt_layernorm", rank));
            ops.add(norm(prefix + "b_layernorm", core.state()));
            ops.add(norm(prefix + "c_layernorm", core.state()));
        }
        ops.add(new Operator.Linear(
                prefix + "dt_proj",
                Group.SSM,
                Part.CORE,
                rank,
                inner,
                true,
                true,
                new Scope.EachToken(),
                Split.outputs(inner)));
        ops.add(core);
        ops.add(linear(prefix + "out_proj", Group.SSM, inner, hidden, bias, Split.inputs(inner)));
        return ops;
    }
}
