package dev.hourglass.core.model;

import dev.hourglass.core.model.Group.Part;
import java.util.ArrayList;
import java.util.List;

/// The blocks of which families build their layers. Names follow the modules of Transformers.
final class Blocks {
    private Blocks() {}

    /// A projection inside a layer.
    static Operator.Linear linear(String name, Group group, long inputs, long outputs, boolean bias, Split split) {
        Part part = switch (group) {
            case ATTN, CROSS_ATTN, LINEAR_ATTN, SSM -> Part.PROJ;
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

    /// Grouped-query attention.
    ///
    /// @param window 0 for all tokens
    /// @param gated whether the query projection also yields an output gate
    record GroupedAttention(
            long hidden,
            long heads,
            long keyHeads,
            long headDim,
            boolean inBias,
            boolean outBias,
            boolean queryKeyNorm,
            boolean gated,
            boolean sinks,
            long window) {

        GroupedAttention windowed(long tokens) {
            return new GroupedAttention(
                    hidden, heads, keyHeads, headDim, inBias, outBias, queryKeyNorm, gated, sinks, tokens);
        }

        List<Operator> operators(String prefix) {
            long queries = heads * headDim;
            long keys = keyHeads * headDim;
            List<Operator> ops = new ArrayList<>();
            ops.add(project(prefix + "q_proj", hidden, queries * (gated ? 2 : 1), inBias, Split.outputs(heads)));
            ops.add(project(prefix + "k_proj", hidden, keys, inBias, Split.outputs(keyHeads)));
            ops.add(project(prefix + "v_proj", hidden, keys, inBias, Split.outputs(keyHeads)));
            if (queryKeyNorm) {
                ops.add(new Operator.Norm(prefix + "q_norm", Group.NORM, headDim, heads, false, new Scope.EachToken()));
                ops.add(new Operator.Norm(
                        prefix + "k_norm", Group.NORM, headDim, keyHeads, false, new Scope.EachToken()));
            }
            ops.add(new Operator.Attention(
                    prefix + "attention", Group.ATTN, heads, keyHeads, headDim, headDim, window, true, sinks));
            ops.add(project(prefix + "o_proj", queries, hidden, outBias, Split.inputs(heads)));
            return ops;
        }

        private static Operator project(String name, long inputs, long outputs, boolean bias, Split split) {
            return linear(name, Group.ATTN, inputs, outputs, bias, split);
        }
    }

    /// Latent attention; `queryRank` 0 where queries are projected at once.
    record Latent(long hidden, long heads, long queryRank, long rank, long nope, long rope, long value, boolean bias) {
        List<Operator> operators(String prefix) {
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
            ops.add(new Operator.LatentExpansion(prefix + "kv_b_proj", heads, rank, nope, value));
            ops.add(new Operator.LatentAttention(prefix + "attention", heads, rank, nope, rope, value));
            ops.add(linear(prefix + "o_proj", Group.ATTN, heads * value, hidden, bias, Split.inputs(heads)));
            return ops;
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

    /// Two matrices with a function between them.
    static List<Operator> plain(String first, String second, Group group, long hidden, long intermediate) {
        return List.of(
                linear(first, group, hidden, intermediate, true, Split.outputs(intermediate)),
                linear(second, group, intermediate, hidden, true, Split.inputs(intermediate)));
    }

    /// A router with its experts.
    ///
    /// @param shared width of the shared expert; 0 for none
    record Mixture(
            String router,
            long hidden,
            long experts,
            long chosen,
            long intermediate,
            boolean bias,
            String sharedName,
            long shared,
            boolean sharedBias,
            boolean sharedGate) {

        List<Operator> operators(String prefix) {
            List<Operator> ops = new ArrayList<>();
            ops.add(linear(prefix + router, Group.ROUTER, hidden, experts, bias, Split.NONE));
            ops.add(new Operator.Experts(prefix + "experts", experts, experts, chosen, hidden, intermediate, bias));
            ops.addAll(gated(prefix + sharedName + ".", Group.SHARED_EXPERTS, hidden, shared, sharedBias));
            if (sharedGate) {
                ops.add(linear(prefix + "shared_expert_gate", Group.SHARED_EXPERT_GATE, hidden, 1, false, Split.NONE));
            }
            return ops;
        }
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
                new Operator.Norm(
                        prefix + "norm",
                        Group.NORM,
                        core.valueWidth(),
                        core.valueHeads(),
                        false,
                        new Scope.EachToken()),
                linear(prefix + "out_proj", Group.LINEAR_ATTN, values, hidden, false, Split.inputs(core.keyHeads())));
    }
}
