package dev.hourglass.device.bench.cpu;

import java.util.Arrays;

/// `C = A · B` of floats: M × K by K × N. B and C lie in panels of columns. Parts are panels where there are few
/// rows,
/// else rows.
final class Gemm implements CpuOperator {
    private final float[][] a;
    private final Panels b;
    private final Panels c;
    private final int k;
    private final int n;
    private final long memory;

    /// Columns of a matrix side by side, so that every loop over a row begins at 0.
    ///
    /// @param panels of each the rows
    @SuppressWarnings("ArrayRecordComponent")
    record Panels(float[][][] panels) {
        /// Columns that, with as many rows as [Gemm#DEPTH], stay in the second cache while all rows of A pass.
        private static final int WIDEST = 1024;

        static Panels random(Axes axes, int rows, int columns, double scale) {
            float[][][] panels = new float[Math.ceilDiv(columns, width(columns))][][];
            for (int p = 0; p < panels.length; p++) {
                panels[p] = axes.random(rows, of(p, columns), scale);
            }
            return new Panels(panels);
        }

        static Panels zeros(Axes axes, int rows, int columns) {
            float[][][] panels = new float[Math.ceilDiv(columns, width(columns))][][];
            for (int p = 0; p < panels.length; p++) {
                panels[p] = axes.zeros(rows, of(p, columns));
            }
            return new Panels(panels);
        }

        /// Narrow enough that there are some for every thread.
        private static int width(int columns) {
            int each = Math.ceilDiv(columns, Runtime.getRuntime().availableProcessors());
            return Math.clamp(Math.ceilDiv(each, 16) * 16L, 1, WIDEST);
        }

        private static int of(int panel, int columns) {
            return Math.min(width(columns), columns - panel * width(columns));
        }

        /// A row as a whole.
        float[] row(int row, int columns) {
            float[] all = new float[columns];
            int at = 0;
            for (float[][] panel : panels) {
                System.arraycopy(panel[row], 0, all, at, panel[row].length);
                at += panel[row].length;
            }
            return all;
        }
    }

    /// Rows of B that are multiplied at a time.
    private static final int DEPTH = 256;

    private static final int ROWS = 4;

    Gemm(Axes axes) {
        int m = axes.of("M");
        this.k = axes.of("K");
        this.n = axes.of("N");
        this.a = axes.random(m, k, 1);
        this.b = Panels.random(axes, k, n, 1);
        this.c = Panels.zeros(axes, m, n);
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
        int panels = b.panels.length;
        int firstRow = columns ? 0 : Team.from(a.length, part, parts);
        int lastRow = columns ? a.length : Team.from(a.length, part + 1, parts);
        int first = columns ? Team.from(panels, part, parts) : 0;
        int last = columns ? Team.from(panels, part + 1, parts) : panels;
        for (int p = first; p < last; p++) {
            multiply(a, b.panels[p], c.panels[p], firstRow, lastRow);
        }
    }

    /// All of `rows` whole rows of C: as many columns as B has in each.
    static void multiply(float[][] a, Panels b, Panels c, int rows) {
        for (int p = 0; p < b.panels.length; p++) {
            multiply(a, b.panels[p], c.panels[p], 0, rows);
        }
    }

    private static void multiply(float[][] a, float[][] b, float[][] c, int firstRow, int lastRow) {
        for (int row = firstRow; row < lastRow; row++) {
            Arrays.fill(c[row], 0);
        }
        for (int inner = 0; inner < b.length; inner += DEPTH) {
            int until = Math.min(b.length, inner + DEPTH);
            int row = firstRow;
            for (; row + ROWS <= lastRow; row += ROWS) {
                rows(Arrays.copyOfRange(a, row, row + ROWS), b, Arrays.copyOfRange(c, row, row + ROWS), inner, until);
            }
            for (; row < lastRow; row++) {
                row(a[row], b, c[row], inner, until);
            }
        }
    }

    private static void rows(float[][] a, float[][] b, float[][] c, int from, int to) {
        float[] factors = new float[ROWS * ROWS];
        float[][] below = new float[ROWS][];
        int n = c[0].length;
        int k = from;
        for (; k + ROWS <= to; k += ROWS) {
            for (int i = 0; i < ROWS; i++) {
                System.arraycopy(a[i], k, factors, i * ROWS, ROWS);
                below[i] = b[k + i];
            }
            Loops.multiply4(c, below, factors, n);
        }
        for (; k < to; k++) {
            for (int i = 0; i < ROWS; i++) {
                Loops.add(c[i], b[k], a[i][k], n);
            }
        }
    }

    private static void row(float[] a, float[][] b, float[] c, int from, int to) {
        int k = from;
        for (; k + ROWS <= to; k += ROWS) {
            Loops.add4(c, b, k, a, c.length);
        }
        for (; k < to; k++) {
            Loops.add(c, b[k], a[k], c.length);
        }
    }

    @Override
    public double[] outputs() {
        int[] rows = Loops.sampled(a.length);
        double[] all = new double[rows.length * n];
        for (int r = 0; r < rows.length; r++) {
            float[] row = c.row(rows[r], n);
            for (int j = 0; j < n; j++) {
                all[r * n + j] = row[j];
            }
        }
        return all;
    }

    @Override
    public double[] reference() {
        int[] rows = Loops.sampled(a.length);
        double[] all = new double[rows.length * n];
        for (int r = 0; r < rows.length; r++) {
            System.arraycopy(product(a[rows[r]], b, n), 0, all, r * n, n);
        }
        return all;
    }

    /// A row of A by B in double precision.
    static double[] product(float[] a, Panels b, int n) {
        double[] wide = new double[a.length];
        Arrays.setAll(wide, i -> a[i]);
        return product(wide, b, n);
    }

    static double[] product(double[] a, Panels b, int n) {
        double[] sums = new double[n];
        int at = 0;
        for (float[][] panel : b.panels) {
            for (int i = 0; i < a.length; i++) {
                for (int j = 0; j < panel[i].length; j++) {
                    sums[at + j] += a[i] * panel[i][j];
                }
            }
            at += panel[0].length;
        }
        return sums;
    }

    @Override
    public void poison() {
        for (float[][] panel : c.panels) {
            Loops.poison(panel);
        }
    }
}
