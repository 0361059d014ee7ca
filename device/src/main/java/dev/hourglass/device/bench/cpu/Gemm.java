package dev.hourglass.device.bench.cpu;

/// `C = A · B` of floats: M × K by K × N. Parts are columns where there are few rows, else rows.
final class Gemm implements CpuOperator {
    /// Columns and rows of B that stay in the second cache while all rows of A pass.
    private static final int COLUMNS = 1024;

    private static final int DEPTH = 256;
    private static final int ROWS = 4;

    private final float[][] a;
    private final float[][] b;
    private final float[][] c;
    private final int k;
    private final int n;
    private final long memory;

    Gemm(Axes axes) {
        int m = axes.of("M");
        this.k = axes.of("K");
        this.n = axes.of("N");
        this.a = axes.random(m, k, 1);
        this.b = axes.random(k, n, 1);
        this.c = axes.zeros(m, n);
        this.memory = axes.taken();
    }

    @Override
    public double flops() {
        return 2.0 * a.length * n * k;
    }

    @Override
    public double bytes() {
        return (double) Float.BYTES * ((double) a.length * k + (double) k * n + (double) a.length * n);
    }

    @Override
    public long memoryBytes() {
        return memory;
    }

    @Override
    public void run(int part, int parts) {
        boolean columns = a.length < ROWS * parts;
        int fromRow = columns ? 0 : Team.from(a.length, part, parts);
        int toRow = columns ? a.length : Team.from(a.length, part + 1, parts);
        int from = columns ? Team.from(n, part, parts) : 0;
        int to = columns ? Team.from(n, part + 1, parts) : n;
        for (int j = from; j < to; j += COLUMNS) {
            multiply(a, b, c, new Block(fromRow, toRow, j, Math.min(to, j + COLUMNS)), k);
        }
    }

    /// Rows and columns of C.
    record Block(int fromRow, int toRow, int from, int to) {}

    static void multiply(float[][] a, float[][] b, float[][] c, Block block, int depth) {
        for (int row = block.fromRow; row < block.toRow; row++) {
            java.util.Arrays.fill(c[row], block.from, block.to, 0);
        }
        for (int inner = 0; inner < depth; inner += DEPTH) {
            int until = Math.min(depth, inner + DEPTH);
            int row = block.fromRow;
            for (; row + ROWS <= block.toRow; row += ROWS) {
                rows(a, b, c, row, new Block(inner, until, block.from, block.to));
            }
            for (; row < block.toRow; row++) {
                row(a[row], b, c[row], new Block(inner, until, block.from, block.to));
            }
        }
    }

    private static void rows(float[][] a, float[][] b, float[][] c, int row, Block inner) {
        float[] factors = new float[ROWS * ROWS];
        float[][] four = {c[row], c[row + 1], c[row + 2], c[row + 3]};
        float[][] below = new float[ROWS][];
        int k = inner.fromRow;
        for (; k + ROWS <= inner.toRow; k += ROWS) {
            for (int i = 0; i < ROWS; i++) {
                System.arraycopy(a[row + i], k, factors, i * ROWS, ROWS);
                below[i] = b[k + i];
            }
            Loops.multiply4(four, below, factors, inner.from, inner.to);
        }
        for (; k < inner.toRow; k++) {
            for (int i = 0; i < ROWS; i++) {
                Loops.add(four[i], b[k], a[row + i][k], inner.from, inner.to);
            }
        }
    }

    private static void row(float[] a, float[][] b, float[] c, Block inner) {
        int k = inner.fromRow;
        for (; k + ROWS <= inner.toRow; k += ROWS) {
            Loops.add4(c, b, k, a, inner.from, inner.to);
        }
        for (; k < inner.toRow; k++) {
            Loops.add(c, b[k], a[k], inner.from, inner.to);
        }
    }

    @Override
    public double[] outputs() {
        return Loops.some(c);
    }

    @Override
    public double[] reference() {
        int[] rows = Loops.sampled(a.length);
        double[] all = new double[rows.length * n];
        for (int r = 0; r < rows.length; r++) {
            product(a[rows[r]], b, k, n, all, r * n);
        }
        return all;
    }

    static void product(float[] a, float[][] b, int k, int n, double[] into, int at) {
        for (int i = 0; i < k; i++) {
            for (int j = 0; j < n; j++) {
                into[at + j] += (double) a[i] * b[i][j];
            }
        }
    }

    @Override
    public void poison() {
        Loops.poison(c);
    }
}
