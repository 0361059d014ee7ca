package dev.hourglass.device.bench.cpu;

import java.util.random.RandomGenerator;

/// `sum = sum · x + y` in plain Java, which the compiler makes vectors of: for processors that no program is written
/// for. Numbers are loaded once for [#DEPTH] steps.
final class JavaMultiplyAdd implements Arithmetic {
    private static final int NUMBERS = 2048;
    private static final int DEPTH = 16;

    private final float[] floats;
    private final double[] doubles;
    private double[] before = {};

    JavaMultiplyAdd(boolean ofDoubles) {
        this.floats = new float[ofDoubles ? 0 : NUMBERS];
        this.doubles = new double[ofDoubles ? NUMBERS : 0];
    }

    @Override
    public long operations() {
        return 2L * NUMBERS * DEPTH;
    }

    @Override
    public void reset(RandomGenerator random) {
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) random.nextDouble(0.5, 2);
        }
        for (int i = 0; i < doubles.length; i++) {
            doubles[i] = random.nextDouble(0.5, 2);
        }
        before = all();
    }

    @Override
    public void run(long n) {
        for (long i = 0; i < n; i++) {
            once(floats, 0.999f, 0.0015f);
            once(doubles, 0.999, 0.0015);
        }
    }

    @Override
    public double error(long n) {
        double x = floats.length > 0 ? 0.999f : 0.999;
        double y = floats.length > 0 ? 0.0015f : 0.0015;
        double[] should = before.clone();
        for (long i = 0; i < n * DEPTH; i++) {
            for (int j = 0; j < should.length; j++) {
                should[j] = Math.fma(should[j], x, y);
            }
        }
        return Arithmetic.frobenius(all(), should);
    }

    private double[] all() {
        double[] all = doubles.clone();
        if (floats.length > 0) {
            all = new double[floats.length];
            for (int i = 0; i < all.length; i++) {
                all[i] = floats[i];
            }
        }
        return all;
    }

    private static void once(float[] sums, float x, float y) {
        for (int i = 0; i < sums.length; i++) {
            float v = sums[i];
            v = Math.fma(Math.fma(Math.fma(Math.fma(v, x, y), x, y), x, y), x, y);
            v = Math.fma(Math.fma(Math.fma(Math.fma(v, x, y), x, y), x, y), x, y);
            v = Math.fma(Math.fma(Math.fma(Math.fma(v, x, y), x, y), x, y), x, y);
            v = Math.fma(Math.fma(Math.fma(Math.fma(v, x, y), x, y), x, y), x, y);
            sums[i] = v;
        }
    }

    private static void once(double[] sums, double x, double y) {
        for (int i = 0; i < sums.length; i++) {
            double v = sums[i];
            v = Math.fma(Math.fma(Math.fma(Math.fma(v, x, y), x, y), x, y), x, y);
            v = Math.fma(Math.fma(Math.fma(Math.fma(v, x, y), x, y), x, y), x, y);
            v = Math.fma(Math.fma(Math.fma(Math.fma(v, x, y), x, y), x, y), x, y);
            v = Math.fma(Math.fma(Math.fma(Math.fma(v, x, y), x, y), x, y), x, y);
            sums[i] = v;
        }
    }
}
