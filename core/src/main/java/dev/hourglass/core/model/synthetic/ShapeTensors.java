package dev.hourglass.core.model.synthetic;

import dev.hourglass.core.model.gguf.GgmlType;
import dev.hourglass.core.model.gguf.GgufTensor;
import dev.hourglass.core.model.gguf.GgufValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What llama.cpp expects in the file of a model of a given [Shape]: names, dimensions and keys.
final class ShapeTensors {
    /// Width of the compressed vector of latent attention.
    static final int LATENT_RANK = 512;
    /// Width of its rotated part.
    static final int LATENT_ROPE = 64;
    /// Bits of a weight from which on the head needs no more than the rest.
    private static final double HEAD_BITS = 6;
    /// Bits of a weight in the formats of four bits, with their scales.
    private static final double MOST_BITS_OF_FOUR = 4.6;

    /// Width of a value head of latent attention.
    private static final int LATENT_VALUE = 128;

    private static final int SLIDING_WINDOW = 128;

    private final Shape shape;
    private final GgmlType format;
    private final List<GgufTensor> tensors = new ArrayList<>();

    private ShapeTensors(Shape shape, GgmlType format) {
        this.shape = shape;
        this.format = format;
    }

    static List<GgufTensor> of(Shape shape, int layers, GgmlType format) {
        ShapeTensors out = new ShapeTensors(shape, format);
        out.matrix("token_embd", shape.embedding(), shape.vocabulary());
        for (int layer = 0; layer < layers; layer++) {
            out.layer("blk." + layer + ".", layer);
        }
        out.vector("output_norm.weight", shape.embedding());
        if (!shape.tiedHead()) {
            out.add("output.weight", head(shape, format), shape.embedding(), shape.vocabulary());
        }
        return out.tensors;
    }

    /// The head decides the token, so files of 4 bits and less keep it in more, as quantizers do.
    private static GgmlType head(Shape shape, GgmlType format) {
        if (format.bitsPerElement() >= HEAD_BITS) {
            return format;
        }
        return shape.embedding() % GgmlType.Q6_K.blockElements() == 0 ? GgmlType.Q6_K : GgmlType.Q8_0;
    }

    private void layer(String at, int layer) {
        vector(at + "attn_norm.weight", shape.embedding());
        if (shape.attention() == Shape.Attention.LATENT) {
            latentAttention(at);
        } else {
            attention(at);
        }
        boolean sinks = shape.attention() == Shape.Attention.SINKS;
        vector(at + (sinks ? "post_attention_norm" : "ffn_norm") + ".weight", shape.embedding());
        if (shape.mixtureOfExperts() && layer >= shape.leadingDense()) {
            experts(at);
        } else {
            feedForward(at, "", shape.feedForward());
        }
    }

    private void attention(String at) {
        int h = shape.embedding();
        int q = shape.heads() * shape.headDim();
        int kv = shape.headsKv() * shape.headDim();
        projection(at + "attn_q", h, q);
        projection(at + "attn_k", h, kv);
        projection(at + "attn_v", h, kv);
        projection(at + "attn_output", q, h);
        if (shape.attention() == Shape.Attention.NORMED) {
            vector(at + "attn_q_norm.weight", shape.headDim());
            vector(at + "attn_k_norm.weight", shape.headDim());
        }
        if (shape.attention() == Shape.Attention.SINKS) {
            vector(at + "attn_sinks.weight", shape.heads());
        }
    }

    private void latentAttention(String at) {
        int h = shape.embedding();
        int unrotated = shape.headDim() - LATENT_ROPE;
        matrix(at + "attn_q", h, (long) shape.heads() * shape.headDim());
        matrix(at + "attn_kv_a_mqa", h, LATENT_RANK + LATENT_ROPE);
        vector(at + "attn_kv_a_norm.weight", LATENT_RANK);
        matrix(at + "attn_k_b", unrotated, LATENT_RANK, shape.heads());
        matrix(at + "attn_v_b", LATENT_RANK, LATENT_VALUE, shape.heads());
        matrix(at + "attn_output", (long) shape.heads() * LATENT_VALUE, h);
    }

    private void experts(String at) {
        int h = shape.embedding();
        int f = shape.expertFeedForward();
        int e = shape.experts();
        add(at + "ffn_gate_inp.weight", GgmlType.F32, h, e);
        matrix(at + "ffn_gate_exps", h, f, e);
        matrix(at + "ffn_up_exps", h, f, e);
        matrix(at + "ffn_down_exps", f, h, e);
        if (shape.attention() == Shape.Attention.SINKS) {
            vector(at + "ffn_gate_inp.bias", e);
            add(at + "ffn_gate_exps.bias", GgmlType.F32, f, e);
            add(at + "ffn_up_exps.bias", GgmlType.F32, f, e);
            add(at + "ffn_down_exps.bias", GgmlType.F32, h, e);
        }
        if (shape.sharedExperts() > 0) {
            feedForward(at, "_shexp", f * shape.sharedExperts());
        }
    }

    private void feedForward(String at, String suffix, int width) {
        matrix(at + "ffn_gate" + suffix, shape.embedding(), width);
        matrix(at + "ffn_up" + suffix, shape.embedding(), width);
        matrix(at + "ffn_down" + suffix, width, shape.embedding());
    }

    private void projection(String name, int in, int out) {
        matrix(name, in, out);
        if (shape.attention() == Shape.Attention.SINKS) {
            vector(name + ".bias", out);
        }
    }

    /// A matrix whose rows do not fill the format's blocks takes one whose blocks are shorter.
    private void matrix(String name, long... dimensions) {
        boolean expert = name.endsWith("_exps");
        GgmlType wanted = format == GgmlType.MXFP4 && !expert ? GgmlType.Q8_0 : format;
        boolean fits = dimensions[0] % wanted.blockElements() == 0;
        GgmlType shorter = wanted.bitsPerElement() <= MOST_BITS_OF_FOUR ? GgmlType.Q4_0 : GgmlType.Q8_0;
        GgmlType last = dimensions[0] % shorter.blockElements() == 0 ? shorter : GgmlType.F16;
        add(name + ".weight", fits ? wanted : last, dimensions);
    }

    private void vector(String name, long width) {
        add(name, GgmlType.F32, width);
    }

    private void add(String name, GgmlType type, long... dimensions) {
        tensors.add(GgufTensor.of(name, type, dimensions));
    }

    /// The file's keys.
    static Map<String, GgufValue> metadata(Shape shape, int layers, GgmlType format, long seed) {
        Map<String, GgufValue> out = new LinkedHashMap<>();
        String at = shape.architecture() + ".";
        out.put("general.architecture", GgufValue.of(shape.architecture()));
        out.put("general.name", GgufValue.of(shape.title() + " shape, random weights"));
        out.put("tokenizer.ggml.model", GgufValue.of("no_vocab"));
        out.put(at + "vocab_size", GgufValue.of(shape.vocabulary()));
        out.put(at + "context_length", GgufValue.of(shape.contextTrained()));
        out.put(at + "embedding_length", GgufValue.of(shape.embedding()));
        out.put(at + "block_count", GgufValue.of(layers));
        out.put(at + "feed_forward_length", GgufValue.of(shape.feedForward()));
        out.put(at + "attention.head_count", GgufValue.of(shape.heads()));
        out.put(at + "attention.head_count_kv", GgufValue.of(shape.headsKv()));
        out.put(at + "attention.layer_norm_rms_epsilon", GgufValue.of(shape.normEpsilon()));
        out.put(at + "rope.freq_base", GgufValue.of(shape.ropeBase()));
        if (shape.mixtureOfExperts()) {
            out.put(at + "expert_count", GgufValue.of(shape.experts()));
            out.put(at + "expert_used_count", GgufValue.of(shape.expertsUsed()));
            out.put(at + "expert_feed_forward_length", GgufValue.of(shape.expertFeedForward()));
        }
        attentionKeys(shape, at, out);
        out.put(GeneratedModel.SHAPE_KEY, GgufValue.of(shape.name()));
        out.put(GeneratedModel.LAYERS_FULL_KEY, GgufValue.of(shape.layersFull()));
        out.put(GeneratedModel.QUANTIZATION_KEY, GgufValue.of(format.name()));
        out.put(GeneratedModel.REVISION_KEY, GgufValue.of(RandomWeights.REVISION));
        out.put(GeneratedModel.SEED_KEY, new GgufValue.Whole(GgufValue.Kind.INT64, seed));
        return out;
    }

    private static void attentionKeys(Shape shape, String at, Map<String, GgufValue> out) {
        if (shape.attention() == Shape.Attention.LATENT) {
            out.put(at + "attention.key_length", GgufValue.of(LATENT_RANK + LATENT_ROPE));
            out.put(at + "attention.value_length", GgufValue.of(LATENT_RANK));
            out.put(at + "attention.key_length_mla", GgufValue.of(shape.headDim()));
            out.put(at + "attention.value_length_mla", GgufValue.of(LATENT_VALUE));
            out.put(at + "attention.kv_lora_rank", GgufValue.of(LATENT_RANK));
            out.put(at + "attention.q_lora_rank", GgufValue.of(0));
            out.put(at + "rope.dimension_count", GgufValue.of(LATENT_ROPE));
            out.put(at + "leading_dense_block_count", GgufValue.of(shape.leadingDense()));
            out.put(at + "expert_shared_count", GgufValue.of(shape.sharedExperts()));
            out.put(at + "expert_weights_scale", GgufValue.of(1f));
        } else {
            out.put(at + "attention.key_length", GgufValue.of(shape.headDim()));
            out.put(at + "attention.value_length", GgufValue.of(shape.headDim()));
        }
        if (shape.attention() == Shape.Attention.SINKS) {
            out.put(at + "attention.sliding_window", GgufValue.of(SLIDING_WINDOW));
        }
    }
}
