package dev.hourglass.core.trace;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// A table of the trace database, declared once, as data.
///
/// @param name lower case with underscores, singular
/// @param doc what one row is, and what the table does not hold
/// @param columns in the order in which rows carry them
public record Table(String name, String doc, List<Column> columns) {

    public Table {
        columns = List.copyOf(columns);
        if (columns.isEmpty() || doc.isBlank()) {
            throw new IllegalArgumentException("table " + name + " needs a doc and columns");
        }
        Set<String> names = new HashSet<>();
        for (Column column : columns) {
            if (!names.add(column.name())) {
                throw new IllegalArgumentException("table " + name + " has two columns " + column.name());
            }
        }
    }

    public static Table of(String name, String doc, Column... columns) {
        return new Table(name, doc, List.of(columns));
    }

    /// Whether there is a column of that name.
    public boolean has(String column) {
        return columns.stream().anyMatch(known -> known.name().equals(column));
    }

    /// The position of the named column.
    ///
    /// @throws IllegalArgumentException if there is none
    public int indexOf(String column) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(column)) {
                return i;
            }
        }
        throw new IllegalArgumentException("table " + name + " has no column " + column);
    }
}
