package dev.hourglass.core.query;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Takes the rows of an answer one by one, so that answers of any size can be passed on.
public interface RowSink {
    /// Called once, before the rows.
    ///
    /// @param names in the order of the values
    /// @param types SQL type names, one per column
    void columns(List<String> names, List<String> types);

    /// Called per row. The array is used again for the next one.
    ///
    /// @param values Long, or BigInteger where that is too small, BigDecimal for a decimal, Double, Float, Boolean,
    ///     String, List, Map from String for a struct or a map, or null for SQL NULL
    void row(@Nullable Object[] values);
}
