package dev.hourglass.device.bench.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.hourglass.device.ffi.blas.OpenBlas;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// `C = A · B` by OpenBLAS with threads of its own: something to be held against the roof, not a roof.
final class LibraryGemm implements CpuOperator {
    private final OpenBlas library;
    private final int threads;
    private final OpenBlas.Shape shape;
    private final float[][] rows;
    private final float[][] inner;
    private final MemorySegment a;
    private final MemorySegment b;
    private final MemorySegment c;
    private final long memory;

    LibraryGemm(OpenBlas library, int threads, Axes axes) {
        this.library = library;
        this.threads = threads;
        this.shape = new OpenBlas.Shape(axes.of("M"), axes.of("N"), axes.of("K"));
        this.rows = axes.random(shape.m(), shape.k(), 1);
        this.inner = axes.random(shape.k(), shape.n(), 1);
        float[][] ignored = axes.zeros(shape.m(), shape.n());
        this.memory = axes.taken();
        Arena arena = Arena.ofAuto();
        this.a = flat(rows, arena);
        this.b = flat(inner, arena);
        this.c = flat(ignored, arena);
        library.threads(threads);
    }

    private static MemorySegment flat(float[][] matrix, Arena arena) {
        long width = matrix[0].length;
        MemorySegment all = arena.allocate(matrix.length * width * Float.BYTES, Programs.LONG_VECTOR);
        for (int i = 0; i < matrix.length; i++) {
            MemorySegment.copy(matrix[i], 0, all, JAVA_FLOAT, i * width * Float.BYTES, (int) width);
        }
        return all;
    }

    @Override
    public double flops() {
        return 2.0 * shape.m() * shape.n() * shape.k();
    }

    @Override
    public double bytes() {
        return Float.BYTES
                * ((double) shape.m() * shape.k() + (double) shape.k() * shape.n() + (double) shape.m() * shape.n());
    }

    @Override
    public long memoryBytes() {
        return memory;
    }

    @Override
    public boolean alone() {
        return true;
    }

    @Override
    public void run(int part, int parts) {
        library.multiply(shape, a, b, c);
    }

    @Override
    public double[] outputs() {
        int[] sampled = Loops.sampled(shape.m());
        double[] all = new double[sampled.length * shape.n()];
        for (int r = 0; r < sampled.length; r++) {
            for (int j = 0; j < shape.n(); j++) {
                all[r * shape.n() + j] = c.getAtIndex(JAVA_FLOAT, (long) sampled[r] * shape.n() + j);
            }
        }
        return all;
    }

    @Override
    public double[] reference() {
        int[] sampled = Loops.sampled(shape.m());
        double[] all = new double[sampled.length * shape.n()];
        Gemm.Panels panels = new Gemm.Panels(new float[][][] {inner});
        for (int r = 0; r < sampled.length; r++) {
            System.arraycopy(Gemm.product(rows[sampled[r]], panels, shape.n()), 0, all, r * shape.n(), shape.n());
        }
        return all;
    }

    @Override
    public void poison() {
        float[] poison = new float[shape.n()];
        Arrays.fill(poison, Float.NaN);
        for (long i = 0; i < shape.m(); i++) {
            MemorySegment.copy(poison, 0, c, JAVA_FLOAT, i * shape.n() * Float.BYTES, shape.n());
        }
    }

    @Override
    public String backend() {
        return "openblas";
    }

    @Override
    public String library() {
        return library.version();
    }

    @Override
    public String kernel() {
        return "cblas_sgemm, core " + library.core() + ", " + threads + " threads of its own; caller";
    }
}
