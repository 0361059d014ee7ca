package dev.hourglass.core.read.session;

import dev.hourglass.core.read.CsvLine;
import dev.hourglass.core.read.Decimals;
import dev.hourglass.core.read.LastValue;
import dev.hourglass.core.read.TextInput;
import dev.hourglass.core.trace.Head;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Source;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/// A CSV file with a header, read row by row; cells are asked for by column name and unit.
final class CsvTable {
    private static final Set<String> ABSENT = Set.of("", "None", "unknown", "nan", "NaN", "NULL");
    private static final int NANO_DIGITS = 9;
    private static final int NANOS_PER_MILLI_DIGITS = 6;

    /// Takes rows.
    @FunctionalInterface
    interface RowConsumer {
        void accept(CsvTable row);
    }

    private final TextInput input;
    private final Map<String, Integer> columns = new HashMap<>();
    private int width;
    private List<String> cells = List.of();
    private long row;

    private CsvTable(TextInput input) {
        this.input = input;
    }

    /// Hands over every row; counts rows that do not fit the header. A file without rows is read as
    /// empty, one without the needed columns is counted as a whole.
    ///
    /// @return the number of rows
    static long each(Source source, ImportContext context, List<String> needed, RowConsumer consumer)
            throws IOException {
        try (TextInput input = new TextInput(source, context)) {
            CsvTable table = new CsvTable(input);
            LastValue last = new LastValue(input);
            String header = input.next();
            if (header == null) {
                return 0;
            }
            CsvLine.split(header).ifPresent(table::header);
            if (!table.columns.keySet().containsAll(needed)) {
                context.stats()
                        .count(
                                "unknown_columns",
                                Severity.ERROR,
                                source.name() + " has not " + String.join(",", needed));
                return 0;
            }
            for (String line = input.next(); line != null; line = input.next()) {
                Optional<List<String>> cells = CsvLine.split(line);
                if (cells.isEmpty() || cells.get().size() != table.width) {
                    table.lost(source);
                } else {
                    table.cells = last.isCut(cells.get()) ? withoutLast(cells.get()) : cells.get();
                    consumer.accept(table);
                    table.row++;
                }
            }
            return table.row;
        }
    }

    /// The names in the first line of a file; empty where it is no line of such names, or longer than what is known
    /// of the file before it is read.
    static List<String> header(Head head) {
        String text = head.text();
        int from = text.startsWith("\uFEFF") ? 1 : 0;
        int end = text.indexOf('\n');
        boolean whole = end >= 0 || head.length() < Head.LENGTH;
        String line = end < 0 ? text.substring(from) : text.substring(Math.min(from, end), end);
        return whole ? CsvLine.split(line.stripTrailing()).orElse(List.of()) : List.of();
    }

    private static List<String> withoutLast(List<String> cells) {
        List<String> sure = new ArrayList<>(cells);
        sure.set(cells.size() - 1, "");
        return sure;
    }

    private void header(List<String> names) {
        width = names.size();
        for (int i = 0; i < width; i++) {
            if (columns.putIfAbsent(names.get(i).strip(), i) != null) {
                input.note("repeated_column", Severity.DATA_LOSS);
            }
        }
    }

    private void lost(Source source) {
        input.context()
                .stats()
                .count(
                        input.ended() ? "damaged_line" : "truncated",
                        Severity.DATA_LOSS,
                        source.name() + ", " + input.place());
    }

    /// Number of the row among those that were handed over, from 0.
    long row() {
        return row;
    }

    boolean has(String column) {
        return columns.containsKey(column);
    }

    /// The cell's text; empty where it is a sign of absence, or there is no such column.
    String text(String column) {
        Integer i = columns.get(column);
        String cell = i == null ? "" : cells.get(i).strip();
        return ABSENT.contains(cell) ? "" : cell;
    }

    /// A whole number.
    OptionalLong integer(String column) {
        String cell = text(column);
        return checked(column, cell, Decimals.integer(cell));
    }

    /// Seconds, as nanoseconds.
    OptionalLong seconds(String column) {
        String cell = text(column);
        return checked(column, cell, Decimals.scaled(cell, NANO_DIGITS));
    }

    /// Milliseconds, as nanoseconds.
    OptionalLong millis(String column) {
        String cell = text(column);
        return checked(column, cell, Decimals.scaled(cell, NANOS_PER_MILLI_DIGITS));
    }

    OptionalDouble real(String column) {
        String cell = text(column);
        OptionalDouble value = Decimals.real(cell);
        if (value.isEmpty() && !cell.isEmpty()) {
            bad(column, cell);
        }
        return value;
    }

    /// A percentage, as a ratio.
    OptionalDouble percent(String column) {
        OptionalDouble value = real(column);
        return value.isPresent() ? OptionalDouble.of(value.getAsDouble() / 100) : value;
    }

    /// `True` or `False`; empty for everything else.
    Optional<Boolean> flag(String column) {
        String cell = text(column);
        if (cell.equalsIgnoreCase("true") || cell.equalsIgnoreCase("false")) {
            return Optional.of(cell.equalsIgnoreCase("true"));
        }
        return Optional.empty();
    }

    private OptionalLong checked(String column, String cell, OptionalLong value) {
        if (value.isEmpty() && !cell.isEmpty()) {
            bad(column, cell);
        }
        return value;
    }

    private void bad(String column, String cell) {
        input.context()
                .stats()
                .count(
                        "bad_number",
                        Severity.DATA_LOSS,
                        input.name() + ", " + input.place() + ", " + column + ": " + cell);
    }
}
