package dev.hourglass.core.hardware;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// What a device can do at most, by its data sheet: dense products, without structured sparsity.
///
/// @param name short and stable, as given on a command line: `h100-sxm`
/// @param title as the vendor names it
/// @param kind what it is
/// @param memoryBytes memory on it; empty for a processor, whose machine decides
/// @param bandwidth bytes per second of that memory
/// @param peaks FLOP (or integer operations) per second by number format, in the order of the table
/// @param clock at which the peaks hold
/// @param source of the figures
public record DeviceSpec(
        String name,
        String title,
        Kind kind,
        OptionalDouble memoryBytes,
        double bandwidth,
        Map<String, Double> peaks,
        String clock,
        String source) {

    /// How the source of figures begins that no data sheet tells.
    public static final String MEASURED = "measured";

    /// Where its figures come from: a data sheet, unless they were measured.
    public String origin() {
        return source.startsWith(MEASURED) ? source : "data sheet: " + sheet();
    }

    /// What a device is.
    public enum Kind {
        GPU,
        CPU
    }

    /// Numbers of 32 bits that tensor cores round to 19 and multiply at half the speed of 16 bits, on every GPU of the
    /// table that has them.
    private static final String TF32 = "tf32";

    /// Formats for which a slower one stands in: weights in a format that the device cannot multiply
    /// are converted first.
    private static final Map<String, List<String>> STAND_IN = Map.of(
            "fp4", List.of("fp4", "bf16", "fp32"),
            "fp8", List.of("fp8", "bf16", "fp32"),
            "int8", List.of("int8", "bf16", "fp32"),
            "bf16", List.of("bf16", "fp32"),
            "fp32", List.of("fp32"));

    /// The peak that applies to products of a format.
    ///
    /// @param format a weight format: `bf16`, `f16`, `fp8`, `fp4`, `int8`, `f32`
    public Peak peak(String format) {
        String asked = canonical(format);
        if (asked.equals(TF32) && kind == Kind.GPU && peaks.containsKey("bf16")) {
            return new Peak(TF32, peaks.get("bf16") / 2);
        }
        return STAND_IN.getOrDefault(asked, List.of("fp32")).stream()
                .flatMap(candidate -> own(candidate).map(perSecond -> new Peak(candidate, perSecond)).stream())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(name + " has no peak for " + format));
    }

    /// A peak.
    ///
    /// @param format in which it holds
    /// @param perSecond operations per second
    public record Peak(String format, double perSecond) {}

    /// The format of the table in which products of a format are counted.
    public static String canonical(String format) {
        return switch (format) {
            case "f16", "fp16", "bf16" -> "bf16";
            case "tf32" -> TF32;
            case "f32", "fp32", "f64", "fp64" -> "fp32";
            case "f8_e4m3", "f8_e5m2", "fp8" -> "fp8";
            case "i8", "u8", "int8" -> "int8";
            case "f4", "fp4" -> "fp4";
            default -> "bf16";
        };
    }

    /// The same device with measured memory.
    public DeviceSpec withMemory(double bytes) {
        return new DeviceSpec(name, title, kind, OptionalDouble.of(bytes), bandwidth, peaks, clock, source);
    }

    /// The peak of a format, if the device has it itself.
    public Optional<Double> own(String format) {
        return Optional.ofNullable(peaks.get(format));
    }

    /// Where its rates come from: the source without what it says of the size of the memory.
    public String sheet() {
        return source.split(";", 2)[0];
    }
}
