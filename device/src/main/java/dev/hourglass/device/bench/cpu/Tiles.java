package dev.hourglass.device.bench.cpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.hourglass.device.ffi.code.InjectedCode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;

/// `sum = sum + x · y` of matrix tiles: 16 × 64 signed bytes by 64 × 16, or 16 × 32 bfloat16 by 32 × 16.
///
/// Rows of the second factor hold groups of four bytes, or two bfloat16, that lie below each other in the matrix.
final class Tiles implements Arithmetic {
    private static final int N = Programs.TILE_ROWS;
    private static final int SHAPES = 64;
    private static final int FIRST_WIDTH = 16;
    private static final int FIRST_ROWS = 48;
    private static final int NUMBERS = Programs.TILE_SUMS * N * N;

    private final InjectedCode code;
    private final MemorySegment shapes;
    private final MemorySegment memory;
    private final boolean bytes;
    private final int group;
    private double[] before = {};

    Tiles(InjectedCode code, boolean bytes, Arena arena) {
        this.code = code;
        this.bytes = bytes;
        this.group = bytes ? 4 : 2;
        this.shapes = arena.allocate(SHAPES, Programs.LONG_VECTOR);
        this.memory = arena.allocate((long) (Programs.TILE_SUMS + 2) * Programs.TILE_BYTES, Programs.LONG_VECTOR);
        shapes.set(JAVA_BYTE, 0, (byte) 1);
        for (int tile = 0; tile < Programs.TILE_SUMS + 2; tile++) {
            shapes.set(JAVA_SHORT, FIRST_WIDTH + 2L * tile, (short) Programs.TILE_ROW_BYTES);
            shapes.set(JAVA_BYTE, FIRST_ROWS + (long) tile, (byte) N);
        }
    }

    @Override
    public long operations() {
        return 2L * NUMBERS * N * group;
    }

    @Override
    public void reset(RandomGenerator random) {
        for (int i = 0; i < NUMBERS; i++) {
            if (bytes) {
                memory.setAtIndex(JAVA_INT, i, random.nextInt(1000));
            } else {
                memory.setAtIndex(JAVA_FLOAT, i, (float) random.nextGaussian());
            }
        }
        for (long i = 2L * NUMBERS; i < memory.byteSize() / 2; i++) {
            memory.setAtIndex(
                    JAVA_SHORT, i, bytes ? (short) random.nextInt() : Arithmetic.bfloat(random.nextGaussian() / 100));
        }
        before = all();
    }

    @Override
    public void run(long n) {
        code.call(n, shapes, memory, MemorySegment.ofAddress(Programs.TILE_ROW_BYTES), 1, shapes);
    }

    @Override
    public double error(long n) {
        double[] should = before.clone();
        for (int i = 0; i < NUMBERS; i++) {
            should[i] += n * product(i / N % N, i % N);
        }
        return Arithmetic.frobenius(all(), should);
    }

    private double product(int row, int column) {
        double sum = 0;
        for (int k = 0; k < N * group; k++) {
            sum += factor(Programs.TILE_SUMS, row, k)
                    * factor(Programs.TILE_SUMS + 1, k / group, column * group + k % group);
        }
        return sum;
    }

    private double factor(int tile, int row, int column) {
        long at = (long) tile * Programs.TILE_BYTES + (long) row * Programs.TILE_ROW_BYTES;
        return bytes
                ? memory.get(JAVA_BYTE, at + column)
                : Arithmetic.ofBfloat(memory.get(JAVA_SHORT, at + 2L * column));
    }

    private double[] all() {
        double[] all = new double[NUMBERS];
        for (int i = 0; i < NUMBERS; i++) {
            all[i] = bytes ? memory.getAtIndex(JAVA_INT, i) : memory.getAtIndex(JAVA_FLOAT, i);
        }
        return all;
    }
}
