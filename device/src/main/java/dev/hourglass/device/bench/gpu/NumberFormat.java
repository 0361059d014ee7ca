package dev.hourglass.device.bench.gpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;

/// How a number lies in memory, read back as a double.
enum NumberFormat {
    FP32("fp32", 4, 1e-5),
    TF32("fp32", 4, 1e-3),
    BF16("bf16", 2, 1e-2),
    FP16("fp16", 2, 2e-3),
    FP8("fp8", 1, 5e-2),
    INT8("int8", 1, 0),
    INT32("int32", 4, 0);

    private static final int BF16_SHIFT = 16;
    private static final int FP8_MANTISSA_BITS = 3;
    private static final int FP8_MANTISSA = 7;
    private static final int FP8_EXPONENT = 15;
    private static final int FP8_BIAS = 7;
    private static final int FP8_NAN = 0x7f;

    private final String word;
    private final int bytes;
    private final double allowed;

    NumberFormat(String word, int bytes, double allowed) {
        this.word = word;
        this.bytes = bytes;
        this.allowed = allowed;
    }

    /// As kernels are named.
    String word() {
        return word;
    }

    int bytes() {
        return bytes;
    }

    /// Relative error that its rounding and the order of sums may bring.
    double allowed() {
        return allowed;
    }

    /// Element `i` of an array; NaN where it was poisoned with ones.
    double at(MemorySegment array, long i) {
        return switch (this) {
            case FP32, TF32 -> array.getAtIndex(JAVA_FLOAT, i);
            case BF16 -> Float.intBitsToFloat(array.getAtIndex(JAVA_SHORT, i) << BF16_SHIFT);
            case FP16 -> Float.float16ToFloat(array.getAtIndex(JAVA_SHORT, i));
            case FP8 -> fp8(array.get(JAVA_BYTE, i));
            case INT8 -> array.get(JAVA_BYTE, i);
            case INT32 -> array.getAtIndex(JAVA_INT, i);
        };
    }

    /// Four bits of exponent, three of mantissa; the largest code is no number.
    private static double fp8(byte code) {
        int magnitude = code & FP8_NAN;
        if (magnitude == FP8_NAN) {
            return Double.NaN;
        }
        int exponent = magnitude >> FP8_MANTISSA_BITS & FP8_EXPONENT;
        double mantissa = magnitude & FP8_MANTISSA;
        double value = exponent == 0
                ? Math.scalb(mantissa, 1 - FP8_BIAS - FP8_MANTISSA_BITS)
                : Math.scalb(mantissa + FP8_MANTISSA + 1, exponent - FP8_BIAS - FP8_MANTISSA_BITS);
        return code < 0 ? -value : value;
    }
}
