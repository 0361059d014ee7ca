package dev.hourglass.device.bench.cpu;

/// Two-dimensional convolution of N images, C channels of H × W, with K filters of R × S, without padding, stride 1.
/// Parts are filters of images.
final class Convolution implements CpuOperator {
    private final int channels;
    private final int filters;
    private final int height;
    private final int rows;
    private final int columns;
    private final int outHeight;
    private final int outWidth;
    /// Of each image and channel the rows.
    private final float[][] x;
    private final float[][] weights;
    private final float[][] y;
    private final int images;
    private final long memory;

    Convolution(Axes axes) {
        this.images = axes.of("N");
        this.channels = axes.of("C");
        this.height = axes.of("H");
        int width = axes.of("W");
        this.filters = axes.of("K");
        this.rows = axes.of("R");
        this.columns = axes.of("S");
        this.outHeight = height - rows + 1;
        this.outWidth = width - columns + 1;
        if (outHeight < 1 || outWidth < 1) {
            throw new dev.hourglass.device.bench.ImpossibleShapeException(
                    "a filter of " + rows + " × " + columns + " is larger than an image of " + height + " × " + width);
        }
        this.x = axes.random(images * channels * height, width, 1);
        this.weights = axes.random(filters, channels * rows * columns, 1);
        this.y = axes.zeros(images * filters * outHeight, outWidth);
        this.memory = axes.taken();
    }

    @Override
    public double flops() {
        return 2.0 * images * filters * outHeight * outWidth * channels * rows * columns;
    }

    @Override
    public double bytes() {
        return (double) Float.BYTES
                * ((double) x.length * x[0].length
                        + (double) filters * channels * rows * columns
                        + (double) y.length * outWidth);
    }

    @Override
    public long memoryBytes() {
        return memory;
    }

    @Override
    public void run(int part, int parts) {
        int all = images * filters;
        for (int at = Team.from(all, part, parts); at < Team.from(all, part + 1, parts); at++) {
            for (int row = 0; row < outHeight; row++) {
                outRow(at / filters, at % filters, row, y[at * outHeight + row]);
            }
        }
    }

    private void outRow(int image, int filter, int row, float[] out) {
        java.util.Arrays.fill(out, 0);
        float[] w = weights[filter];
        int at = 0;
        for (int c = 0; c < channels; c++) {
            for (int r = 0; r < rows; r++) {
                float[] in = x[(image * channels + c) * height + row + r];
                for (int s = 0; s < columns; s++) {
                    shifted(out, in, s, w[at++]);
                }
            }
        }
    }

    private static void shifted(float[] out, float[] in, int by, float factor) {
        for (int j = 0; j < out.length; j++) {
            out[j] = Math.fma(factor, in[j + by], out[j]);
        }
    }

    @Override
    public double[] outputs() {
        return Loops.some(y);
    }

    @Override
    public double[] reference() {
        int[] sampled = Loops.sampled(y.length);
        double[] all = new double[sampled.length * outWidth];
        for (int i = 0; i < sampled.length; i++) {
            int at = sampled[i] / outHeight;
            int row = sampled[i] % outHeight;
            for (int k = 0; k < channels * rows * columns; k++) {
                float[] in = x[(at / filters * channels + k / (rows * columns)) * height + row + k / columns % rows];
                for (int j = 0; j < outWidth; j++) {
                    all[i * outWidth + j] += (double) weights[at % filters][k] * in[j + k % columns];
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
