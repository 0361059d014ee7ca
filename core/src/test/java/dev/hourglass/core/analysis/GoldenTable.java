package dev.hourglass.core.analysis;

import dev.hourglass.core.query.Rows;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A table in a CSV file of a golden case: a line of names, then rows. Lines that begin with `#` say how
/// the numbers were worked out. An empty cell is NULL. A number may be written as a fraction, `1/3`.
///
/// @param columns names in order
/// @param rows cells as written
record GoldenTable(List<String> columns, List<List<String>> rows) {
    private static final double CLOSE = 1e-9;

    static GoldenTable read(Path file) throws IOException {
        List<List<String>> lines = Files.readString(file)
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(GoldenTable::cells)
                .toList();
        for (List<String> line : lines) {
            if (line.size() != lines.getFirst().size()) {
                throw new IllegalArgumentException(file + ": not as many cells as columns: " + line);
            }
        }
        return new GoldenTable(lines.getFirst(), lines.subList(1, lines.size()));
    }

    /// What first differs in an answer with the same columns; empty where nothing does.
    ///
    /// @param ordered whether rows must come in the order in which they are written
    Optional<String> difference(Rows answer, boolean ordered) {
        if (!answer.columns().equals(columns)) {
            return Optional.of("columns are " + answer.columns() + ", expected " + columns);
        }
        List<List<@Nullable Object>> found = new ArrayList<>(answer.rows());
        List<List<String>> expected = new ArrayList<>(rows);
        if (!ordered) {
            found.sort(Comparator.comparing(GoldenTable::key));
            expected.sort(Comparator.comparing(
                    row -> key(row.stream().map(GoldenTable::parsed).toList())));
        }
        for (int i = 0; i < Math.min(found.size(), expected.size()); i++) {
            for (int c = 0; c < columns.size(); c++) {
                if (!matches(expected.get(i).get(c), found.get(i).get(c))) {
                    return Optional.of("row " + (i + 1) + ", " + columns.get(c) + " is "
                            + found.get(i).get(c) + ", expected "
                            + expected.get(i).get(c) + "; the row is "
                            + found.get(i) + ", expected " + expected.get(i));
                }
            }
        }
        return found.size() == expected.size()
                ? Optional.empty()
                : Optional.of(found.size() + " rows, expected " + expected.size() + ": " + found);
    }

    /// Whether a value is what a cell says: integers to the last digit, other numbers to nine.
    static boolean matches(String cell, @Nullable Object value) {
        return switch (value) {
            case null -> cell.isEmpty();
            case Number n -> number(cell).map(e -> close(e, n)).orElse(false);
            case String text when cell.endsWith("…") -> text.startsWith(cell.substring(0, cell.length() - 1));
            default -> value.toString().equals(cell);
        };
    }

    private static boolean close(double expected, Number found) {
        double value = found.doubleValue();
        return Double.isFinite(value)
                && Math.abs(value - expected) <= CLOSE * Math.max(Math.abs(value), Math.abs(expected));
    }

    /// The number that a cell says; empty where it says none.
    static Optional<Double> number(String cell) {
        String[] parts = cell.split("/", -1);
        try {
            return switch (parts.length) {
                case 1 -> Optional.of(new BigDecimal(cell).doubleValue());
                case 2 -> Optional.of(new BigDecimal(parts[0]).doubleValue() / new BigDecimal(parts[1]).doubleValue());
                default -> Optional.empty();
            };
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static @Nullable Object parsed(String cell) {
        return cell.isEmpty() ? null : number(cell).map(Object.class::cast).orElse(cell);
    }

    /// By what rows are sorted that may come in any order: numbers to nine digits.
    private static String key(List<@Nullable Object> row) {
        StringBuilder key = new StringBuilder();
        for (Object value : row) {
            key.append(value instanceof Number n ? String.format("%.8e", n.doubleValue()) : String.valueOf(value))
                    .append('|');
        }
        return key.toString();
    }

    private static List<String> cells(String line) {
        List<String> cells = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '"' && quoted && line.startsWith("\"\"", i)) {
                cell.append('"');
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                cells.add(cell.toString());
                cell.setLength(0);
            } else {
                cell.append(c);
            }
        }
        cells.add(cell.toString());
        return cells;
    }
}
