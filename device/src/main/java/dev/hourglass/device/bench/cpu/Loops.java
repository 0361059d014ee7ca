package dev.hourglass.device.bench.cpu;

import java.util.Arrays;
import java.util.stream.IntStream;

/// Loops over rows that the compiler makes vectors of, shared by the operators: all begin at 0, those that begin
/// elsewhere it leaves as they are.
final class Loops {
    private static final float LEAST_EXPONENT = -87;
    private static final float SHARE = 1f / 64;
    private static final float MIDDLE = 0.68f;
    private static final float AT_MIDDLE = (float) Math.exp(-0.68);

    private Loops() {}

    /// `c += a · b` for four rows of c, and four rows of b.
    ///
    /// @param a sixteen factors, of each row of c those of the rows of b
    static void multiply4(float[][] c, float[][] b, float[] a, int n) {
        float[] c0 = c[0];
        float[] c1 = c[1];
        float[] c2 = c[2];
        float[] c3 = c[3];
        float[] b0 = b[0];
        float[] b1 = b[1];
        float[] b2 = b[2];
        float[] b3 = b[3];
        float a00 = a[0];
        float a01 = a[1];
        float a02 = a[2];
        float a03 = a[3];
        float a10 = a[4];
        float a11 = a[5];
        float a12 = a[6];
        float a13 = a[7];
        float a20 = a[8];
        float a21 = a[9];
        float a22 = a[10];
        float a23 = a[11];
        float a30 = a[12];
        float a31 = a[13];
        float a32 = a[14];
        float a33 = a[15];
        for (int j = 0; j < n; j++) {
            float x0 = b0[j];
            float x1 = b1[j];
            float x2 = b2[j];
            float x3 = b3[j];
            c0[j] = Math.fma(a03, x3, Math.fma(a02, x2, Math.fma(a01, x1, Math.fma(a00, x0, c0[j]))));
            c1[j] = Math.fma(a13, x3, Math.fma(a12, x2, Math.fma(a11, x1, Math.fma(a10, x0, c1[j]))));
            c2[j] = Math.fma(a23, x3, Math.fma(a22, x2, Math.fma(a21, x1, Math.fma(a20, x0, c2[j]))));
            c3[j] = Math.fma(a33, x3, Math.fma(a32, x2, Math.fma(a31, x1, Math.fma(a30, x0, c3[j]))));
        }
    }

    /// `c += a · b` for one row.
    static void add(float[] c, float[] b, float a, int n) {
        for (int j = 0; j < n; j++) {
            c[j] = Math.fma(a, b[j], c[j]);
        }
    }

    /// `c += a · b` for one row of c and four of b, from row `inner`.
    static void add4(float[] c, float[][] b, int inner, float[] a, int n) {
        float[] b0 = b[inner];
        float[] b1 = b[inner + 1];
        float[] b2 = b[inner + 2];
        float[] b3 = b[inner + 3];
        float a0 = a[inner];
        float a1 = a[inner + 1];
        float a2 = a[inner + 2];
        float a3 = a[inner + 3];
        for (int j = 0; j < n; j++) {
            c[j] = Math.fma(a3, b3[j], Math.fma(a2, b2[j], Math.fma(a1, b1[j], Math.fma(a0, b0[j], c[j]))));
        }
    }

    /// `y = a · row` over `k` rows of b: y of length n.
    static void vectorMatrix(float[] a, float[][] b, float[] y, int k, int n) {
        Arrays.fill(y, 0, n, 0);
        int i = 0;
        for (; i + 3 < k; i += 4) {
            add4(y, b, i, a, n);
        }
        for (; i < k; i++) {
            add(y, b[i], a[i], n);
        }
    }

    /// `y = exp(x)` for x up to 0: (exp(x / 64))⁶⁴, by a polynomial around the middle; no conversion stops vectors.
    static void exponential(float[] x, float[] y, float less, int n) {
        for (int j = 0; j < n; j++) {
            float t = Math.fma(Math.max(x[j] - less, LEAST_EXPONENT), SHARE, MIDDLE);
            float p = Math.fma(t, 1f / 40320, 1f / 5040);
            p = Math.fma(p, t, 1f / 720);
            p = Math.fma(p, t, 1f / 120);
            p = Math.fma(p, t, 1f / 24);
            p = Math.fma(p, t, 1f / 6);
            p = Math.fma(p, t, 0.5f);
            p = Math.fma(p, t, 1f);
            p = Math.fma(p, t, 1f) * AT_MIDDLE;
            p *= p;
            p *= p;
            p *= p;
            p *= p;
            p *= p;
            y[j] = p * p;
        }
    }

    /// The sum, in lanes: a sum in order has no vectors.
    static float sum(float[] x, float[] lanes, int n) {
        Arrays.fill(lanes, 0);
        int whole = n / lanes.length * lanes.length;
        for (int at = 0; at < whole; at += lanes.length) {
            for (int l = 0; l < lanes.length; l++) {
                lanes[l] += x[at + l];
            }
        }
        float sum = 0;
        for (float lane : lanes) {
            sum += lane;
        }
        for (int j = whole; j < n; j++) {
            sum += x[j];
        }
        return sum;
    }

    static float largest(float[] x, int n) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int j = 0; j < n; j++) {
            largest = Math.max(largest, x[j]);
        }
        return largest;
    }

    /// Every row as doubles, one behind the other; of many only some, always the same.
    static double[] some(float[][] rows) {
        return Arrays.stream(sampled(rows.length))
                .boxed()
                .flatMapToDouble(r -> IntStream.range(0, rows[r].length).mapToDouble(j -> rows[r][j]))
                .toArray();
    }

    private static final int SAMPLED_ROWS = 24;

    /// Rows of so many that are compared: the first, the last, and some between.
    static int[] sampled(int rows) {
        int n = Math.min(rows, SAMPLED_ROWS);
        return IntStream.range(0, n)
                .map(i -> n == 1 ? 0 : (int) ((long) i * (rows - 1) / (n - 1)))
                .toArray();
    }

    static void poison(float[][] rows) {
        for (float[] row : rows) {
            Arrays.fill(row, Float.NaN);
        }
    }
}
