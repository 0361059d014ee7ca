package dev.hourglass.core.query;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Column;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/// A table of what names tell: one row for each name of a recording, all of its columns texts.
///
/// @param table what it holds; the first column is the name
/// @param names the query that answers the names
/// @param reading for all names, in their order, what stands in the other columns
record NameTable(Table table, String names, Function<List<String>, List<List<String>>> reading) {
    static final NameTable KERNEL_CLASS = new NameTable(
            Table.of(
                    "kernel_class",
                    "What the names of kernels tell: a hint, not proof.",
                    Column.text("name", "Full name, as in kernel."),
                    Column.text(
                            "short_name",
                            "Without return type, arguments and template lists; of a wrapper what it wraps. No two names share one: where"
                                    + " they would, what tells them apart stands behind it."),
                    Column.text(
                            "category",
                            "What part of a model it is likely to be: " + listed(KernelName.categories()) + "."),
                    Column.text(
                            "nature",
                            "memory or compute where kernels of such a name are usually limited by it, or unknown.")),
            "SELECT DISTINCT name FROM kernel WHERE name IS NOT NULL ORDER BY name",
            names -> KernelName.of(names).stream()
                    .map(read -> List.of(read.shortName(), read.category(), read.nature()))
                    .toList());

    static final NameTable HOST_FUNCTION = new NameTable(
            Table.of(
                    "host_function",
                    "What the names of the host's functions, operators and annotations tell: a hint, not proof.",
                    Column.text("name", "Full name, as in slice."),
                    Column.text(
                            "brief",
                            "Without addresses, and without the numbers that count modules; at most 160 characters."),
                    Column.text(
                            "layer",
                            "Which part of an engine it is likely to be: " + listed(HostFunction.layers())
                                    + " where no rule knows the name.")),
            "SELECT DISTINCT s.name FROM slice s JOIN track t ON t.id = s.track_id WHERE t.type = 'thread' AND s.name IS NOT NULL ORDER BY s.name",
            names -> names.stream()
                    .map(HostFunction::of)
                    .map(read -> List.of(read.brief(), read.layer()))
                    .toList());

    static final List<NameTable> ALL = List.of(KERNEL_CLASS, HOST_FUNCTION);

    String name() {
        return table.name();
    }

    /// Creates it, empty.
    String definition() {
        return "CREATE OR REPLACE TABLE " + name() + " ("
                + table.columns().stream().map(c -> c.name() + " VARCHAR").collect(Collectors.joining(", ")) + ")";
    }

    /// Writes its rows.
    ///
    /// @param found what [#names] answers
    void write(List<String> found, BatchSink sink) {
        List<List<String>> read = reading.apply(found);
        try (RowWriter rows = new RowWriter(table, sink)) {
            for (int i = 0; i < found.size(); i++) {
                List<String> cells = new ArrayList<>(List.of(found.get(i)));
                cells.addAll(read.get(i));
                for (int c = 0; c < cells.size(); c++) {
                    rows.set(table.columns().get(c).name(), cells.get(c));
                }
                rows.end();
            }
        }
    }

    Views.View view() {
        return new Views.View(
                name(),
                table.doc(),
                table.columns().stream()
                        .map(column -> new Views.ViewColumn(
                                column.name(), column.unit().symbol(), column.doc()))
                        .toList());
    }

    private static String listed(List<String> words) {
        return String.join(", ", words.subList(0, words.size() - 1)) + " or " + words.getLast();
    }
}
