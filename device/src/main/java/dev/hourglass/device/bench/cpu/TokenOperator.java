package dev.hourglass.device.bench.cpu;

/// What moves vectors of T tokens: rotation, look-up, copying. Parts are tokens.
final class TokenOperator implements CpuOperator {
    private static final double BASE = 10_000;

    private final Kind kind;
    private final float[][] x;
    private final float[][] y;
    private final float[][] cosine;
    private final float[][] sine;
    private final int[] rows;
    private final int heads;
    private final int width;
    private final long memory;

    /// What is done.
    enum Kind {
        ROPE,
        EMBEDDING,
        MEMCPY
    }

    TokenOperator(Kind kind, Axes axes) {
        this.kind = kind;
        boolean rope = kind == Kind.ROPE;
        boolean look = kind == Kind.EMBEDDING;
        this.heads = rope ? axes.of("h") : 1;
        this.width = rope ? axes.multiple("d", 2) : look ? axes.of("H") : 1 << 18;
        int tokens = kind == Kind.MEMCPY
                ? axes.multiple("bytes", width * Float.BYTES) / (width * Float.BYTES)
                : axes.of("T");
        int sources = look ? axes.of("V") : tokens * heads;
        this.x = axes.random(sources, width, 1);
        this.y = axes.zeros(tokens * heads, width);
        this.rows = look ? axes.indices(tokens, sources) : new int[0];
        this.cosine = rope ? axes.zeros(tokens, width / 2) : new float[0][];
        this.sine = rope ? axes.zeros(tokens, width / 2) : new float[0][];
        for (int t = 0; t < cosine.length; t++) {
            for (int i = 0; i < width / 2; i++) {
                double angle = t * Math.pow(BASE, -2.0 * i / width);
                cosine[t][i] = (float) Math.cos(angle);
                sine[t][i] = (float) Math.sin(angle);
            }
        }
        this.memory = axes.taken();
    }

    @Override
    public double flops() {
        return kind == Kind.ROPE ? 3.0 * y.length * width : 0;
    }

    @Override
    public double bytes() {
        double moved = 2.0 * Float.BYTES * y.length * width;
        return moved
                + switch (kind) {
                    case ROPE -> (double) Float.BYTES * cosine.length * width;
                    case EMBEDDING -> (double) Integer.BYTES * rows.length;
                    case MEMCPY -> 0;
                };
    }

    @Override
    public long memoryBytes() {
        return memory;
    }

    @Override
    public void run(int part, int parts) {
        for (int row = Team.from(y.length, part, parts); row < Team.from(y.length, part + 1, parts); row++) {
            switch (kind) {
                case ROPE -> rotate(x[row], y[row], cosine[row / heads], sine[row / heads]);
                case EMBEDDING -> System.arraycopy(x[rows[row]], 0, y[row], 0, width);
                case MEMCPY -> System.arraycopy(x[row], 0, y[row], 0, width);
            }
        }
    }

    /// Pairs are an element of the first half and one of the second.
    private static void rotate(float[] x, float[] y, float[] cosine, float[] sine) {
        int half = cosine.length;
        for (int i = 0; i < half; i++) {
            y[i] = x[i] * cosine[i] - x[i + half] * sine[i];
        }
        for (int i = 0; i < half; i++) {
            y[i + half] = x[i + half] * cosine[i] + x[i] * sine[i];
        }
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
            for (int j = 0; j < width; j++) {
                all[r * width + j] = switch (kind) {
                    case ROPE -> rotated(row, j);
                    case EMBEDDING -> x[rows[row]][j];
                    case MEMCPY -> x[row][j];
                };
            }
        }
        return all;
    }

    private double rotated(int row, int j) {
        int half = width / 2;
        int token = row / heads;
        double angle = token * Math.pow(BASE, -2.0 * (j % half) / width);
        double own = x[row][j];
        double other = x[row][(j + half) % width];
        return own * Math.cos(angle) + (j < half ? -other : other) * Math.sin(angle);
    }

    @Override
    public void poison() {
        Loops.poison(y);
    }

    @Override
    public String kernel() {
        return "TokenOperator." + kind.name().toLowerCase(java.util.Locale.ROOT);
    }
}
