package dev.hourglass.device.llama;

import dev.hourglass.core.model.gguf.GgmlType;
import dev.hourglass.core.model.gguf.GgufHeader;
import dev.hourglass.core.model.gguf.GgufTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// The forward pass of a small F32 qwen3moe model in plain Java, written from the architecture's
/// definition: what the router must choose, token by token.
final class JavaMoe {
    record Choice(int layer, int slot, int expert, double weight) {}

    private final Map<String, FloatBuffer> weights = new HashMap<>();
    private final int layers;
    private final int hidden;
    private final int heads;
    private final int headsKv;
    private final int dim;
    private final int experts;
    private final int used;
    private final int width;
    private final double ropeBase;
    private final List<List<double[][]>> keys = new ArrayList<>();
    private final List<List<double[][]>> values = new ArrayList<>();
    private int position;

    JavaMoe(Path file) throws IOException {
        GgufHeader header = GgufHeader.read(file);
        ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        for (GgufTensor tensor : header.tensors()) {
            if (tensor.type() != GgmlType.F32) {
                throw new IllegalArgumentException(tensor.name() + " is " + tensor.type());
            }
            weights.put(
                    tensor.name(),
                    all.slice((int) (header.dataOffset() + tensor.offset()), (int) tensor.bytes())
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .asFloatBuffer());
        }
        layers = (int) header.modelWhole("block_count").orElseThrow();
        hidden = (int) header.modelWhole("embedding_length").orElseThrow();
        heads = (int) header.modelWhole("attention.head_count").orElseThrow();
        headsKv = (int) header.modelWhole("attention.head_count_kv").orElseThrow();
        dim = (int) header.modelWhole("attention.key_length").orElseThrow();
        experts = (int) header.modelWhole("expert_count").orElseThrow();
        used = (int) header.modelWhole("expert_used_count").orElseThrow();
        width = (int) header.modelWhole("expert_feed_forward_length").orElseThrow();
        ropeBase = header.real("qwen3moe.rope.freq_base").orElseThrow();
        for (int l = 0; l < layers; l++) {
            keys.add(new ArrayList<>());
            values.add(new ArrayList<>());
        }
    }

    /// Feeds one token and tells what the routers of all layers chose.
    List<Choice> feed(int token) {
        List<Choice> choices = new ArrayList<>();
        double[] x = new double[hidden];
        FloatBuffer embedding = weights.get("token_embd.weight");
        for (int i = 0; i < hidden; i++) {
            x[i] = embedding.get(token * hidden + i);
        }
        for (int layer = 0; layer < layers; layer++) {
            String at = "blk." + layer + ".";
            add(x, attention(at, layer, norm(x, at + "attn_norm.weight")));
            add(x, experts(at, layer, norm(x, at + "ffn_norm.weight"), choices));
        }
        position++;
        return choices;
    }

    private double[] attention(String at, int layer, double[] x) {
        double[][] q = heads(product(at + "attn_q.weight", x, heads * dim, 0), heads);
        double[][] k = heads(product(at + "attn_k.weight", x, headsKv * dim, 0), headsKv);
        double[][] v = heads(product(at + "attn_v.weight", x, headsKv * dim, 0), headsKv);
        for (int h = 0; h < heads; h++) {
            q[h] = rotate(norm(q[h], at + "attn_q_norm.weight"));
        }
        for (int h = 0; h < headsKv; h++) {
            k[h] = half(rotate(norm(k[h], at + "attn_k_norm.weight")));
            v[h] = half(v[h]);
        }
        keys.get(layer).add(k);
        values.get(layer).add(v);
        double[] out = new double[heads * dim];
        for (int h = 0; h < heads; h++) {
            System.arraycopy(attend(layer, q[h], h * headsKv / heads), 0, out, h * dim, dim);
        }
        return product(at + "attn_output.weight", out, hidden, 0);
    }

    private double[] attend(int layer, double[] q, int kv) {
        double[] scores = new double[position + 1];
        for (int t = 0; t <= position; t++) {
            scores[t] = dot(q, keys.get(layer).get(t)[kv]) / Math.sqrt(dim);
        }
        softmax(scores);
        double[] out = new double[dim];
        for (int t = 0; t <= position; t++) {
            for (int i = 0; i < dim; i++) {
                out[i] += scores[t] * values.get(layer).get(t)[kv][i];
            }
        }
        return out;
    }

    private double[] experts(String at, int layer, double[] x, List<Choice> choices) {
        double[] odds = product(at + "ffn_gate_inp.weight", x, experts, 0);
        softmax(odds);
        int[] best = IntStream.range(0, experts)
                .boxed()
                .sorted(Comparator.comparingDouble(e -> -odds[e]))
                .limit(used)
                .mapToInt(Integer::intValue)
                .toArray();
        double sum = IntStream.of(best).mapToDouble(e -> odds[e]).sum();
        double[] out = new double[hidden];
        for (int slot = 0; slot < used; slot++) {
            int e = best[slot];
            choices.add(new Choice(layer, slot, e, odds[e] / sum));
            double[] gate = product(at + "ffn_gate_exps.weight", x, width, e * width);
            double[] up = product(at + "ffn_up_exps.weight", x, width, e * width);
            for (int i = 0; i < width; i++) {
                up[i] *= gate[i] / (1 + Math.exp(-gate[i]));
            }
            double[] down = product(at + "ffn_down_exps.weight", up, hidden, e * hidden);
            for (int i = 0; i < hidden; i++) {
                out[i] += odds[e] / sum * down[i];
            }
        }
        return out;
    }

    /// Rows `from` to `from + rows` of a matrix times a vector.
    private double[] product(String name, double[] x, int rows, int from) {
        FloatBuffer matrix = weights.get(name);
        double[] out = new double[rows];
        for (int r = 0; r < rows; r++) {
            for (int i = 0; i < x.length; i++) {
                out[r] += matrix.get((from + r) * x.length + i) * x[i];
            }
        }
        return out;
    }

    private double[] norm(double[] x, String name) {
        double scale = 1 / Math.sqrt(dot(x, x) / x.length + 1e-6);
        double[] out = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            out[i] = x[i] * scale * weights.get(name).get(i);
        }
        return out;
    }

    /// Rotary embedding of the two halves against each other.
    private double[] rotate(double[] x) {
        double[] out = new double[dim];
        for (int i = 0; i < dim / 2; i++) {
            double angle = position * Math.pow(ropeBase, -2.0 * i / dim);
            out[i] = x[i] * Math.cos(angle) - x[i + dim / 2] * Math.sin(angle);
            out[i + dim / 2] = x[i] * Math.sin(angle) + x[i + dim / 2] * Math.cos(angle);
        }
        return out;
    }

    /// The cache keeps half precision.
    private static double[] half(double[] x) {
        double[] out = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            out[i] = Float.float16ToFloat(Float.floatToFloat16((float) x[i]));
        }
        return out;
    }

    private double[][] heads(double[] x, int count) {
        double[][] out = new double[count][dim];
        for (int h = 0; h < count; h++) {
            System.arraycopy(x, h * dim, out[h], 0, dim);
        }
        return out;
    }

    private static void softmax(double[] x) {
        double max = Arrays.stream(x).max().orElseThrow();
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            x[i] = Math.exp(x[i] - max);
            sum += x[i];
        }
        for (int i = 0; i < x.length; i++) {
            x[i] /= sum;
        }
    }

    private static void add(double[] to, double[] x) {
        for (int i = 0; i < to.length; i++) {
            to[i] += x[i];
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
