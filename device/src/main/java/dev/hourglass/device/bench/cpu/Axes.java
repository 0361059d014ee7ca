package dev.hourglass.device.bench.cpu;

import dev.hourglass.device.bench.ImpossibleShapeException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

/// Sizes of an operator, and the random arrays that they ask for.
final class Axes {
    private static final int RANDOM = 1 << 16;

    private final Map<String, Long> sizes;
    private final long most;
    private final float[] random = new float[RANDOM];
    private final SplittableRandom offsets = new SplittableRandom(RANDOM);
    private long taken;

    /// @param most bytes that all arrays may take
    Axes(Map<String, Long> sizes, long most) {
        this.sizes = new LinkedHashMap<>(sizes);
        this.most = most;
        SplittableRandom numbers = new SplittableRandom(1);
        for (int i = 0; i < RANDOM; i++) {
            random[i] = (float) numbers.nextGaussian();
        }
    }

    int of(String name) {
        long size = Objects.requireNonNull(sizes.get(name), name);
        if (size > Integer.MAX_VALUE / Float.BYTES) {
            throw new ImpossibleShapeException(
                    name + "=" + size + " is more than an array of the processor's kernels has");
        }
        return (int) size;
    }

    int multiple(String name, int of) {
        int size = of(name);
        if (size % of != 0) {
            throw new ImpossibleShapeException(name + " is a multiple of " + of + ", not " + size);
        }
        return size;
    }

    /// Bytes of all arrays so far.
    long taken() {
        return taken;
    }

    /// Normally distributed numbers times `scale`.
    float[][] random(int rows, int columns, double scale) {
        float[][] matrix = zeros(rows, columns);
        for (float[] row : matrix) {
            int from = offsets.nextInt(RANDOM);
            for (int j = 0; j < columns; j++) {
                row[j] = (float) (random[(from + j) & (RANDOM - 1)] * scale);
            }
        }
        return matrix;
    }

    float[] random(int length) {
        return random(1, length, 1)[0];
    }

    float[][] zeros(int rows, int columns) {
        taken += (long) rows * columns * Float.BYTES;
        if (taken > most) {
            throw new ImpossibleShapeException(
                    "it takes more than the " + (most >> 20) + " MiB that there are for it: " + sizes);
        }
        return new float[rows][columns];
    }

    /// Random whole numbers below a limit.
    int[] indices(int length, int below) {
        int[] indices = new int[length];
        Arrays.setAll(indices, i -> offsets.nextInt(below));
        return indices;
    }
}
