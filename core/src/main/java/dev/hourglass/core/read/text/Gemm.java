package dev.hourglass.core.read.text;

import dev.hourglass.core.read.Decimals;
import dev.hourglass.core.trace.RowWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/// A matrix product that a library was asked for, on its way into the table `gemm`: values as the log
/// shows them, checked and converted when written.
final class Gemm {
    private static final Set<String> INTEGERS = Set.of("pid", "tid", "m", "n", "k", "batch", "workspace_bytes");

    private final Map<String, String> values = new LinkedHashMap<>();

    Gemm set(String column, String value) {
        if (!value.isEmpty()) {
            values.put(column, value);
        }
        return this;
    }

    /// Whether the log tells the size of the product.
    boolean hasShape() {
        return size("m").isPresent() && size("n").isPresent() && size("k").isPresent();
    }

    /// 2·m·n·k·batch; empty where a factor is unknown or the product does not fit.
    OptionalLong flops() {
        OptionalLong batch = values.containsKey("batch") ? size("batch") : OptionalLong.of(1);
        if (!hasShape() || batch.isEmpty()) {
            return OptionalLong.empty();
        }
        try {
            long area = Math.multiplyExact(size("m").getAsLong(), size("n").getAsLong());
            long volume = Math.multiplyExact(area, size("k").getAsLong());
            return OptionalLong.of(Math.multiplyExact(Math.multiplyExact(2, volume), batch.getAsLong()));
        } catch (ArithmeticException e) {
            return OptionalLong.empty();
        }
    }

    /// Sets the row's columns and ends it.
    void write(RowWriter row) {
        values.forEach((column, value) -> {
            if (INTEGERS.contains(column)) {
                Decimals.integer(value).ifPresent(number -> row.set(column, number));
            } else {
                row.set(column, value);
            }
        });
        if (!values.containsKey("batch") && hasShape()) {
            row.set("batch", 1L);
        }
        flops().ifPresent(flops -> row.set("flops", flops));
        row.end();
    }

    private OptionalLong size(String column) {
        OptionalLong value = Decimals.integer(values.getOrDefault(column, ""));
        return value.isPresent() && value.getAsLong() >= 0 ? value : OptionalLong.empty();
    }
}
