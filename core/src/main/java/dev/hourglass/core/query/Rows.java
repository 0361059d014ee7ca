package dev.hourglass.core.query;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The answer to a query, held in memory.
///
/// @param columns names in the order of the values
/// @param types SQL type names, one per column
/// @param rows values per row, of the types that [RowSink] names
public record Rows(List<String> columns, List<String> types, List<List<@Nullable Object>> rows) {

    public int size() {
        return rows.size();
    }

    /// The rows that have a value in each of these columns: of the others it is not known what they are about.
    public Rows with(String... needed) {
        int[] indices = Arrays.stream(needed).mapToInt(this::index).toArray();
        return new Rows(
                columns,
                types,
                rows.stream()
                        .filter(row -> Arrays.stream(indices).allMatch(i -> row.get(i) != null))
                        .toList());
    }

    public @Nullable Object value(int row, String column) {
        return rows.get(row).get(index(column));
    }

    /// The value as a number, empty for NULL.
    public OptionalDouble real(int row, String column) {
        return value(row, column) instanceof Number n ? OptionalDouble.of(n.doubleValue()) : OptionalDouble.empty();
    }

    /// The value as an integer, empty for NULL.
    public OptionalLong integer(int row, String column) {
        return value(row, column) instanceof Number n ? OptionalLong.of(Values.whole(n)) : OptionalLong.empty();
    }

    /// The value as text; `fallback` for NULL.
    public String text(int row, String column, String fallback) {
        Object value = value(row, column);
        return value == null ? fallback : value.toString();
    }

    private int index(String column) {
        int i = columns.indexOf(column);
        if (i < 0) {
            throw new IllegalArgumentException("no column " + column + " among " + columns);
        }
        return i;
    }
}
