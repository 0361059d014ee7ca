package dev.hourglass.device.ffi.cublaslt;

import java.util.Arrays;
import java.util.Optional;

/// Number formats of a product's inputs, with what the library computes and writes for each.
///
/// Codes are those of `cudaDataType` and `cublasComputeType_t`.
public enum MatrixFormat {
    FP32("fp32", 4, 0, 68, 0, 4),
    TF32("tf32", 4, 0, 77, 0, 4),
    BF16("bf16", 2, 14, 68, 14, 2),
    FP16("fp16", 2, 2, 68, 2, 2),
    FP8("fp8", 1, 28, 68, 14, 2),
    INT8("int8", 1, 3, 72, 10, 4);

    private static final int REAL = 0;
    private static final int INTEGER = 10;

    private final String word;
    private final int bytes;
    private final int type;
    private final int compute;
    private final int resultType;
    private final int resultBytes;

    MatrixFormat(String word, int bytes, int type, int compute, int resultType, int resultBytes) {
        this.word = word;
        this.bytes = bytes;
        this.type = type;
        this.compute = compute;
        this.resultType = resultType;
        this.resultBytes = resultBytes;
    }

    public static Optional<MatrixFormat> of(String word) {
        return Arrays.stream(values()).filter(f -> f.word.equals(word)).findFirst();
    }

    /// As users write it.
    public String word() {
        return word;
    }

    /// Of one input.
    public int bytes() {
        return bytes;
    }

    /// Of one result: bf16 of an fp8 product, int32 of an int8 one.
    public int resultBytes() {
        return resultBytes;
    }

    int type() {
        return type;
    }

    int compute() {
        return compute;
    }

    int resultType() {
        return resultType;
    }

    int scaleType() {
        return this == INT8 ? INTEGER : REAL;
    }
}
