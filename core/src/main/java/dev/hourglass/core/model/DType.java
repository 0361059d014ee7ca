package dev.hourglass.core.model;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A plain number format.
public enum DType {
    F64(64, "float64", "fp64"),
    F32(32, "float32", "fp32", "float"),
    F16(16, "float16", "fp16", "half"),
    BF16(16, "bfloat16"),
    F8_E4M3(8, "fp8", "f8", "float8_e4m3fn", "fp8_e4m3", "e4m3"),
    F8_E5M2(8, "float8_e5m2", "fp8_e5m2", "e5m2"),
    F8_E8M0(8, "float8_e8m0fnu", "ue8m0"),
    F4(4, "fp4", "e2m1", "float4_e2m1fn_x2"),
    I64(64, "int64"),
    U64(64, "uint64"),
    I32(32, "int32"),
    U32(32, "uint32"),
    I16(16, "int16"),
    U16(16, "uint16"),
    I8(8, "int8"),
    U8(8, "uint8"),
    I4(4, "int4"),
    BOOL(8, "bool");

    private final int bits;
    private final List<String> aliases;

    DType(int bits, String... aliases) {
        this.bits = bits;
        this.aliases = List.of(aliases);
    }

    public int bits() {
        return bits;
    }

    /// Bytes of `elements` values, the last byte filled up.
    public long bytes(long elements) {
        return Math.ceilDiv(Math.multiplyExact(elements, bits), 8);
    }

    /// The short name: `bf16`.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The format of that name, as PyTorch, safetensors or people call it.
    public static Optional<DType> find(String name) {
        String wanted = name.toLowerCase(Locale.ROOT).replaceFirst("^torch\\.", "");
        return Arrays.stream(values())
                .filter(type -> type.label().equals(wanted) || type.aliases.contains(wanted))
                .findFirst();
    }

    /// Names for a message about an unknown one.
    public static List<String> names() {
        return Arrays.stream(values()).map(DType::label).toList();
    }
}
