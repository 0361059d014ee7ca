package dev.hourglass.device.bench.cpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.hourglass.device.ffi.code.InjectedCode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;

/// A loop of nothing but arithmetic on registers: what one thread runs, with its memory.
interface Arithmetic {
    /// Operations of one iteration.
    long operations();

    /// Sets the sums to random numbers.
    void reset(RandomGenerator random);

    /// Runs so many iterations.
    void run(long n);

    /// Relative error, by the Frobenius norm, of `n` iterations since [#reset(RandomGenerator)] against double
    /// precision.
    double error(long n);

    /// Numbers that lie side by side, read as doubles.
    static double frobenius(double[] is, double[] should) {
        double difference = 0;
        double size = 0;
        for (int i = 0; i < is.length; i++) {
            difference += (is[i] - should[i]) * (is[i] - should[i]);
            size += should[i] * should[i];
        }
        return Math.sqrt(difference / size);
    }

    /// The 16 bits of a bfloat16, rounded to nearest.
    static short bfloat(double value) {
        int bits = Float.floatToRawIntBits((float) value);
        return (short) ((bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16);
    }

    static double ofBfloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /// `sum = sum · x + y` of floats or doubles.
    final class MultiplyAdd implements Arithmetic {
        private static final double X = 0.999;
        private static final double Y = 0.0015;

        private final InjectedCode code;
        private final MemorySegment memory;
        private final boolean doubles;
        private final int numbers;
        private double[] before = {};

        MultiplyAdd(InjectedCode code, int vectorBytes, boolean doubles, Arena arena) {
            this.code = code;
            this.doubles = doubles;
            int width = doubles ? Double.BYTES : Float.BYTES;
            this.numbers = Programs.sums(vectorBytes) * vectorBytes / width;
            this.memory = arena.allocate((long) (Programs.sums(vectorBytes) + 2) * vectorBytes, Programs.LONG_VECTOR);
            int perVector = vectorBytes / width;
            for (int i = 0; i < perVector; i++) {
                set(numbers + i, X);
                set(numbers + perVector + i, Y);
            }
        }

        @Override
        public long operations() {
            return 2L * numbers;
        }

        @Override
        public void reset(RandomGenerator random) {
            for (int i = 0; i < numbers; i++) {
                set(i, random.nextDouble(0.5, 2));
            }
            before = all();
        }

        @Override
        public void run(long n) {
            code.call(n, memory, memory, memory, 1, memory);
        }

        @Override
        public double error(long n) {
            double x = doubles ? X : (float) X;
            double y = doubles ? Y : (float) Y;
            double[] should = before.clone();
            for (long i = 0; i < n; i++) {
                for (int j = 0; j < numbers; j++) {
                    should[j] = Math.fma(should[j], x, y);
                }
            }
            return frobenius(all(), should);
        }

        private double[] all() {
            double[] all = new double[numbers];
            for (int i = 0; i < numbers; i++) {
                all[i] = doubles ? memory.getAtIndex(JAVA_DOUBLE, i) : memory.getAtIndex(JAVA_FLOAT, i);
            }
            return all;
        }

        private void set(int i, double value) {
            if (doubles) {
                memory.setAtIndex(JAVA_DOUBLE, i, value);
            } else {
                memory.setAtIndex(JAVA_FLOAT, i, (float) value);
            }
        }
    }

    /// `sum = sum + x · y` by groups: four unsigned by four signed bytes to an integer, or two by two bfloat16 to a
    /// float.
    final class Dot implements Arithmetic {
        private final InjectedCode code;
        private final MemorySegment memory;
        private final boolean bytes;
        private final int lanes;
        private final int numbers;
        private double[] before = {};

        Dot(InjectedCode code, int vectorBytes, boolean bytes, Arena arena) {
            this.code = code;
            this.bytes = bytes;
            this.lanes = vectorBytes / Integer.BYTES;
            this.numbers = Programs.sums(vectorBytes) * lanes;
            this.memory = arena.allocate((long) (Programs.sums(vectorBytes) + 2) * vectorBytes, Programs.LONG_VECTOR);
        }

        @Override
        public long operations() {
            return 2L * numbers * (bytes ? 4 : 2);
        }

        @Override
        public void reset(RandomGenerator random) {
            for (int i = 0; i < numbers; i++) {
                if (bytes) {
                    memory.setAtIndex(JAVA_INT, i, random.nextInt(1000));
                } else {
                    memory.setAtIndex(JAVA_FLOAT, i, (float) random.nextGaussian());
                }
            }
            for (int i = numbers * 2; i < (numbers + 2 * lanes) * 2; i++) {
                memory.setAtIndex(
                        JAVA_SHORT, i, bytes ? (short) random.nextInt() : bfloat(random.nextGaussian() / 100));
            }
            before = all();
        }

        @Override
        public void run(long n) {
            code.call(n, memory, memory, memory, 1, memory);
        }

        @Override
        public double error(long n) {
            double[] should = before.clone();
            for (int i = 0; i < numbers; i++) {
                should[i] += n * product(i % lanes);
            }
            return frobenius(all(), should);
        }

        private double product(int lane) {
            double sum = 0;
            for (int k = 0; k < (bytes ? 4 : 2); k++) {
                sum += bytes
                        ? (memory.get(JAVA_BYTE, at(lane) + k) & 255) * memory.get(JAVA_BYTE, at(lanes + lane) + k)
                        : ofBfloat(memory.get(JAVA_SHORT, at(lane) + 2L * k))
                                * ofBfloat(memory.get(JAVA_SHORT, at(lanes + lane) + 2L * k));
            }
            return sum;
        }

        private long at(int factor) {
            return (long) (numbers + factor) * Integer.BYTES;
        }

        private double[] all() {
            double[] all = new double[numbers];
            for (int i = 0; i < numbers; i++) {
                all[i] = bytes ? memory.getAtIndex(JAVA_INT, i) : memory.getAtIndex(JAVA_FLOAT, i);
            }
            return all;
        }
    }
}
