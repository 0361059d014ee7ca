package dev.hourglass.device.bench.cpu;

/// An operator over T rows, each of which becomes a row. Parts are rows.
final class RowOperator implements CpuOperator {
    private static final float EPSILON = 1e-6f;
    private static final int LANES = 64;
    private static final float ROOT_8_PI = (float) Math.sqrt(8 / Math.PI);
    private static final float GELU_CUBE = 0.044715f;

    private final Kind kind;
    private final float[][] x;
    private final float[][] up;
    private final float[] weight;
    private final float[] bias;
    private final float[][] y;
    private final int width;
    private final long memory;

    /// What becomes of a row; operations and arrays that are moved for each element.
    enum Kind {
        SOFTMAX("N", 5, 2),
        RMSNORM("H", 4, 2),
        /// Norm and GELU behind it, in one pass over memory.
        LAYERNORM_GELU("H", 16, 2),
        SILU_MUL("I", 5, 3);

        private final String width;
        private final int flops;
        private final int arrays;

        Kind(String width, int flops, int arrays) {
            this.width = width;
            this.flops = flops;
            this.arrays = arrays;
        }
    }

    RowOperator(Kind kind, Axes axes) {
        this.kind = kind;
        int rows = axes.of("T");
        this.width = axes.of(kind.width);
        this.x = axes.random(rows, width, 1);
        this.up = kind == Kind.SILU_MUL ? axes.random(rows, width, 1) : new float[0][];
        this.weight = axes.random(width);
        this.bias = axes.random(width);
        this.y = axes.zeros(rows, width);
        this.memory = axes.taken();
    }

    @Override
    public double flops() {
        return (double) kind.flops * x.length * width;
    }

    @Override
    public double bytes() {
        int once = kind == Kind.RMSNORM ? 1 : kind == Kind.LAYERNORM_GELU ? 2 : 0;
        return (double) Float.BYTES * width * ((double) kind.arrays * x.length + once);
    }

    @Override
    public long memoryBytes() {
        return memory;
    }

    @Override
    public void run(int part, int parts) {
        float[] lanes = new float[LANES];
        float[] other = new float[width];
        for (int row = Team.from(x.length, part, parts); row < Team.from(x.length, part + 1, parts); row++) {
            switch (kind) {
                case SOFTMAX -> softmax(x[row], y[row], lanes);
                case RMSNORM -> norm(x[row], y[row], weight, 0, rms(x[row], lanes));
                case LAYERNORM_GELU -> layerNorm(x[row], y[row], other, lanes);
                case SILU_MUL -> silu(x[row], up[row], y[row]);
            }
        }
    }

    private static void softmax(float[] x, float[] y, float[] lanes) {
        Loops.exponential(x, y, Loops.largest(x, x.length), x.length);
        float share = 1 / Loops.sum(y, lanes, y.length);
        for (int j = 0; j < y.length; j++) {
            y[j] *= share;
        }
    }

    private static float rms(float[] x, float[] lanes) {
        return (float) (1 / Math.sqrt(squares(x, 0, lanes) / x.length + EPSILON));
    }

    private static float squares(float[] x, float less, float[] lanes) {
        java.util.Arrays.fill(lanes, 0);
        int whole = x.length / LANES * LANES;
        for (int at = 0; at < whole; at += LANES) {
            for (int l = 0; l < LANES; l++) {
                float d = x[at + l] - less;
                lanes[l] = Math.fma(d, d, lanes[l]);
            }
        }
        float sum = 0;
        for (float lane : lanes) {
            sum += lane;
        }
        for (int j = whole; j < x.length; j++) {
            sum += (x[j] - less) * (x[j] - less);
        }
        return sum;
    }

    private static void norm(float[] x, float[] y, float[] weight, float less, float scale) {
        for (int j = 0; j < x.length; j++) {
            y[j] = (x[j] - less) * scale * weight[j];
        }
    }

    private void layerNorm(float[] x, float[] y, float[] other, float[] lanes) {
        float mean = Loops.sum(x, lanes, x.length) / x.length;
        norm(x, y, weight, mean, (float) (1 / Math.sqrt(squares(x, mean, lanes) / x.length + EPSILON)));
        for (int j = 0; j < y.length; j++) {
            float v = y[j] + bias[j];
            y[j] = v;
            other[j] = -Math.abs(ROOT_8_PI * Math.fma(GELU_CUBE * v * v, v, v));
        }
        sigmoid(y, other);
    }

    /// `y = y · sigmoid(±e)`, of which e is minus the size; the sign is that of y.
    private static void sigmoid(float[] y, float[] e) {
        Loops.exponential(e, e, 0, y.length);
        for (int j = 0; j < y.length; j++) {
            float small = e[j] / (1 + e[j]);
            float positive = Math.max(y[j], 0);
            float negative = Math.min(y[j], 0);
            y[j] = positive * (1 - small) + negative * small;
        }
    }

    static void silu(float[] x, float[] up, float[] y) {
        for (int j = 0; j < y.length; j++) {
            y[j] = -Math.abs(x[j]);
        }
        Loops.exponential(y, y, 0, y.length);
        for (int j = 0; j < y.length; j++) {
            float small = y[j] / (1 + y[j]);
            float positive = Math.max(x[j], 0);
            float negative = Math.min(x[j], 0);
            y[j] = (positive * (1 - small) + negative * small) * up[j];
        }
    }

    @Override
    public double[] outputs() {
        return Loops.some(y);
    }

    @Override
    public double[] reference() {
        int[] rows = Loops.sampled(x.length);
        double[] all = new double[rows.length * width];
        for (int r = 0; r < rows.length; r++) {
            float[] row = x[rows[r]];
            double mean = kind == Kind.LAYERNORM_GELU ? mean(row) : 0;
            double scale = scale(row, mean);
            for (int j = 0; j < width; j++) {
                all[r * width + j] = switch (kind) {
                    case SOFTMAX -> Math.exp(row[j]) * scale;
                    case RMSNORM -> row[j] * scale * weight[j];
                    case LAYERNORM_GELU -> gelu((row[j] - mean) * scale * weight[j] + bias[j]);
                    case SILU_MUL -> row[j] / (1 + Math.exp(-row[j])) * up[rows[r]][j];
                };
            }
        }
        return all;
    }

    private double scale(float[] row, double mean) {
        double sum = 0;
        for (float v : row) {
            sum += kind == Kind.SOFTMAX ? Math.exp(v) : (v - mean) * (v - mean);
        }
        return kind == Kind.SOFTMAX ? 1 / sum : 1 / Math.sqrt(sum / width + EPSILON);
    }

    private static double mean(float[] row) {
        double sum = 0;
        for (float v : row) {
            sum += v;
        }
        return sum / row.length;
    }

    private static double gelu(double v) {
        return 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + GELU_CUBE * v * v * v)));
    }

    @Override
    public void poison() {
        Loops.poison(y);
    }

    @Override
    public String kernel() {
        return "RowOperator." + kind.name().toLowerCase(java.util.Locale.ROOT);
    }
}
