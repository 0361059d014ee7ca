package dev.hourglass.core.store;

import dev.hourglass.core.trace.Column;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.Tables;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// The declared tables as statements and as documentation.
public final class Declared {
    private Declared() {}

    /// Creates every table. One script: as many statements sent one by one would take as long as a short recording.
    static String everything() {
        return Tables.all().stream().map(Declared::create).collect(Collectors.joining(";\n", "BEGIN;\n", ";\nCOMMIT"));
    }

    /// Statements that add the tables and columns that a database lacks. What stands under a table's name without
    /// being a table stays as it is.
    static List<String> missing(Catalog there) {
        List<String> statements = new ArrayList<>();
        for (Table table : Tables.all()) {
            Set<String> columns = there.tables().get(table.name());
            if (columns != null) {
                table.columns().stream()
                        .filter(column -> !columns.contains(column.name()))
                        .map(column -> "ALTER TABLE " + table.name() + " ADD COLUMN " + definition(column))
                        .forEach(statements::add);
            } else if (there.isFree(table.name())) {
                statements.add(create(table));
            }
        }
        return statements;
    }

    /// Rows of `schema_doc` for every table.
    public static void describe(RowWriter docs) {
        Tables.all().forEach(table -> describe(table, docs));
    }

    private static void describe(Table table, RowWriter docs) {
        docs.set("table_name", table.name()).set("doc", table.doc()).end();
        for (Column column : table.columns()) {
            docs.set("table_name", table.name())
                    .set("column_name", column.name())
                    .set("type", column.type().sql())
                    .set("unit", column.unit().symbol())
                    .set("doc", column.doc())
                    .end();
        }
    }

    private static String create(Table table) {
        return table.columns().stream()
                .map(Declared::definition)
                .collect(Collectors.joining(", ", "CREATE TABLE " + table.name() + " (", ")"));
    }

    private static String definition(Column column) {
        return column.name() + " " + column.type().sql();
    }
}
