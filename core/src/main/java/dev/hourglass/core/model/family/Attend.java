package dev.hourglass.core.model.family;

import dev.hourglass.core.model.Group;
import dev.hourglass.core.model.Operator;
import dev.hourglass.core.model.Reach;
import dev.hourglass.core.model.Split;
import dev.hourglass.core.model.family.Blocks.Normed;
import dev.hourglass.core.model.keys.Keys;
import java.util.ArrayList;
import java.util.List;

/// Grouped-query attention as a family has it: put together once, then given to each layer with the
/// reach it has there.
final class Attend {
    private final long hidden;
    private final long heads;
    private long keyHeads;
    private long keyWidth;
    private long valueWidth;
    private boolean queryBias;
    private boolean keyBias;
    private boolean outBias;
    private String output = "o_proj";
    private QueryKeyNorm norm = QueryKeyNorm.NONE;
    private Normed normed = Normed.SCALE;
    private Gate gate = Gate.NONE;
    private boolean sinks;
    private boolean valueIsKey;
    private long inputs;

    /// Over what queries and keys are normed.
    enum QueryKeyNorm {
        NONE,
        /// Each head by itself, all with one weight.
        HEAD,
        /// All heads together, or each with a weight of its own.
        WIDE
    }

    /// What gates the heads' output.
    enum Gate {
        NONE,
        /// A second half of the query projection.
        IN_QUERY,
        /// A projection of its own.
        OWN,
        /// One number per head.
        PER_HEAD
    }

    private Attend(long hidden, long heads) {
        this.hidden = hidden;
        this.inputs = hidden;
        this.heads = heads;
    }

    /// From the usual keys: `num_attention_heads`, `num_key_value_heads`, `head_dim`.
    static Attend of(Keys k) {
        return of(k, "num_attention_heads", "num_key_value_heads", "head_dim");
    }

    /// From keys of these names.
    static Attend of(Keys k, String headsKey, String keyHeadsKey, String widthKey) {
        long hidden = k.positive("hidden_size");
        long heads = k.positive(headsKey);
        long keyHeads = k.positive(keyHeadsKey, heads);
        long width = k.positive(widthKey, hidden / heads);
        if (keyHeads > heads || heads % keyHeads != 0) {
            throw k.wrong(keyHeadsKey, "a divisor of the " + heads + " query heads");
        }
        if (width == 0) {
            throw k.wrong(headsKey, "at most hidden_size = " + hidden);
        }
        return of(hidden, heads, width).keyHeads(keyHeads);
    }

    static Attend of(long hidden, long heads, long width) {
        Attend attend = new Attend(hidden, heads);
        attend.keyHeads = heads;
        attend.keyWidth = width;
        attend.valueWidth = width;
        return attend;
    }

    Attend keyHeads(long count) {
        keyHeads = count;
        return this;
    }

    Attend valueWidth(long width) {
        valueWidth = width;
        return this;
    }

    /// Biases of queries, keys and values, and of the output.
    Attend bias(boolean in, boolean out) {
        queryBias = in;
        keyBias = in;
        outBias = out;
        return this;
    }

    Attend output(String name) {
        output = name;
        return this;
    }

    Attend norm(QueryKeyNorm over) {
        norm = over;
        return this;
    }

    Attend norm(QueryKeyNorm over, Normed by) {
        norm = over;
        normed = by;
        return this;
    }

    Attend gate(Gate kind) {
        gate = kind;
        return this;
    }

    Attend sinks(boolean present) {
        sinks = present;
        return this;
    }

    /// Queries, keys and values are projected from so many features instead of the hidden size.
    Attend inputs(long features) {
        inputs = features;
        return this;
    }

    /// Values are the keys, before norm and rotation; there is no projection of them.
    Attend valueIsKey(boolean same) {
        valueIsKey = same;
        return this;
    }

    long keyWidth() {
        return keyWidth;
    }

    /// The operators of a layer with this reach.
    List<Operator> at(String prefix, Reach reach) {
        return operators(prefix, reach, false);
    }

    /// The operators of a layer that reads the keys and values of an earlier one.
    List<Operator> borrowing(String prefix, Reach reach) {
        return operators(prefix, reach, true);
    }

    private List<Operator> operators(String prefix, Reach reach, boolean borrowed) {
        long queries = heads * keyWidth;
        List<Operator> ops = new ArrayList<>();
        ops.add(project(prefix + "q_proj", queries * (gate == Gate.IN_QUERY ? 2 : 1), heads, queryBias));
        if (!borrowed) {
            ops.add(project(prefix + "k_proj", keyHeads * keyWidth, keyHeads, keyBias));
            if (!valueIsKey) {
                ops.add(project(prefix + "v_proj", keyHeads * valueWidth, keyHeads, keyBias));
            }
        }
        norms(ops, prefix, borrowed);
        ops.add(new Operator.Attention(
                prefix + "attention", Group.ATTN, heads, keyHeads, keyWidth, valueWidth, reach, sinks, borrowed));
        switch (gate) {
            case OWN -> ops.add(project(prefix + "gate_proj", heads * valueWidth, heads, false));
            case PER_HEAD -> ops.add(project(prefix + "g_proj", heads, heads, false));
            case NONE, IN_QUERY -> {
                // no projection of its own
            }
        }
        ops.add(Blocks.linear(prefix + output, Group.ATTN, heads * valueWidth, hidden, outBias, Split.inputs(heads)));
        return ops;
    }

    private Operator project(String name, long outputs, long units, boolean bias) {
        return Blocks.linear(name, Group.ATTN, inputs, outputs, bias, Split.outputs(units));
    }

    private void norms(List<Operator> ops, String prefix, boolean borrowed) {
        if (norm == QueryKeyNorm.NONE) {
            return;
        }
        boolean wide = norm == QueryKeyNorm.WIDE;
        ops.add(normed.over(prefix + "q_norm", wide ? heads * keyWidth : keyWidth, wide ? 1 : heads));
        if (!borrowed) {
            ops.add(normed.over(prefix + "k_norm", wide ? keyHeads * keyWidth : keyWidth, wide ? 1 : keyHeads));
        }
    }
}
