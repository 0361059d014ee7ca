package dev.hourglass.device.bench.cpu;

/// Attention of B sequences, hq heads that share hkv heads of keys and values, d wide. Decode: one query each over L
/// cached tokens. Prefill: S queries, each over those before it and itself.
///
/// Keys lie by dimension and values by token, so that both products are sums of rows. Parts are heads of sequences.
final class Attention implements CpuOperator {
    private final boolean prefill;
    private final int sequences;
    private final int length;
    private final int heads;
    private final int shared;
    private final int width;
    private final float[][] query;
    /// Of each sequence and head `width` rows of `length`.
    private final float[][] keys;
    /// Of each sequence and head `length` rows of `width`.
    private final float[][] values;
    private final float[][] y;
    private final long memory;

    Attention(boolean prefill, Axes axes) {
        this.prefill = prefill;
        this.sequences = axes.of("B");
        this.length = axes.of(prefill ? "S" : "L");
        this.heads = axes.multiple("hq", axes.of("hkv"));
        this.shared = heads / axes.of("hkv");
        this.width = axes.of("d");
        int queries = prefill ? length : 1;
        int kv = sequences * heads / shared;
        this.query = axes.random(sequences * heads * queries, width, 1);
        this.keys = axes.random(kv * width, length, 1);
        this.values = axes.random(kv * length, width, 1);
        this.y = axes.zeros(query.length, width);
        this.memory = axes.taken();
    }

    @Override
    public double flops() {
        double pairs = prefill ? (double) length * (length + 1) / 2 : length;
        return 4.0 * heads * width * sequences * pairs;
    }

    @Override
    public double bytes() {
        return 2.0 * Float.BYTES * width * ((double) sequences * heads / shared * length + query.length);
    }

    @Override
    public long memoryBytes() {
        return memory;
    }

    @Override
    public void run(int part, int parts) {
        float[] scores = new float[length];
        float[] lanes = new float[64];
        int all = sequences * heads;
        int queries = prefill ? length : 1;
        for (int head = Team.from(all, part, parts); head < Team.from(all, part + 1, parts); head++) {
            for (int q = 0; q < queries; q++) {
                one(head, q, scores, lanes);
            }
        }
    }

    private void one(int head, int q, float[] scores, float[] lanes) {
        int seen = prefill ? q + 1 : length;
        int row = prefill ? head * length + q : head;
        int kv = head / shared;
        float[][] own = rows(keys, kv * width, width);
        Loops.vectorMatrix(query[row], own, scores, width, seen);
        float scale = (float) (1 / Math.sqrt(width));
        for (int j = 0; j < seen; j++) {
            scores[j] *= scale;
        }
        Loops.exponential(scores, scores, Loops.largest(scores, seen), seen);
        float share = 1 / Loops.sum(scores, lanes, seen);
        float[] out = y[row];
        Loops.vectorMatrix(scores, rows(values, kv * length, seen), out, seen, width);
        for (int j = 0; j < width; j++) {
            out[j] *= share;
        }
    }

    private static float[][] rows(float[][] all, int from, int count) {
        return java.util.Arrays.copyOfRange(all, from, from + count);
    }

    @Override
    public double[] outputs() {
        return Loops.some(y);
    }

    @Override
    public double[] reference() {
        int[] sampled = Loops.sampled(y.length);
        double[] all = new double[sampled.length * width];
        for (int r = 0; r < sampled.length; r++) {
            int row = sampled[r];
            int head = prefill ? row / length : row;
            int seen = prefill ? row % length + 1 : length;
            int kv = head / shared;
            double[] weights = new double[seen];
            double sum = 0;
            for (int j = 0; j < seen; j++) {
                double score = 0;
                for (int i = 0; i < width; i++) {
                    score += (double) query[row][i] * keys[kv * width + i][j];
                }
                weights[j] = Math.exp(score / Math.sqrt(width));
                sum += weights[j];
            }
            for (int j = 0; j < seen; j++) {
                for (int i = 0; i < width; i++) {
                    all[r * width + i] += weights[j] / sum * values[kv * length + j][i];
                }
            }
        }
        return all;
    }

    @Override
    public void poison() {
        Loops.poison(y);
    }
}
