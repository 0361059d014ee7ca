package dev.hourglass.core.query;

import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The documented views that stand on the tables, each a `.sql` file whose head comment says what a
/// row is and what the columns mean.
public final class Views {
    private static final List<String> IN_ORDER = List.of(
            "token_component",
            "expert_activation",
            "expert_pair",
            "routing_weight",
            "expert_imbalance",
            "thread_track",
            "process_track",
            "gpu_track",
            "counter_track",
            "gpu_slice",
            "thread_slice",
            "cpu_op",
            "args",
            "kernel_stats",
            "kernel_stage",
            "device_gap",
            "device_idle",
            "stage_time",
            "rank_wait",
            "sync_refill",
            "device_sample");
    /// Functions that SQL of other trace tools calls.
    private static final String MACROS = "macros";

    private static final Pattern COLUMN =
            Pattern.compile("-- @column\\s+(\\w+)(?:\\s+\\[([^\\]]+)\\])?\\s+(.*\\S)\\s*");

    /// A view as its file declares it.
    ///
    /// @param doc what one row is
    public record View(String name, String doc, List<ViewColumn> columns) {
        public View {
            columns = List.copyOf(columns);
        }
    }

    /// @param unit symbol of the unit; empty for names, identifiers and flags
    public record ViewColumn(String name, String unit, String doc) {}

    private Views() {}

    /// Names of the views, in the order in which they are created.
    public static List<String> names() {
        return IN_ORDER;
    }

    /// What each view is.
    public static List<View> all() {
        return IN_ORDER.stream().map(Views::parse).toList();
    }

    /// Computes the derived tables and creates every view in a new session's database, and the
    /// functions that SQL of other trace tools calls.
    public static void create(TraceStore store) {
        Derived.create(store);
        StringBuilder script = new StringBuilder("BEGIN;\n");
        IN_ORDER.forEach(name -> script.append(text(name)).append(";\n"));
        script.append(text(MACROS)).append(";\nCOMMIT");
        try (RowWriter docs = new RowWriter(Tables.SCHEMA_DOC, store)) {
            Derived.describe(docs);
            all().forEach(view -> describe(view, docs));
        }
        store.execute(script.toString());
    }

    private static void describe(View view, RowWriter docs) {
        docs.set("table_name", view.name()).set("doc", view.doc()).end();
        for (ViewColumn column : view.columns()) {
            docs.set("table_name", view.name())
                    .set("column_name", column.name())
                    .set("unit", column.unit())
                    .set("doc", column.doc())
                    .end();
        }
    }

    private static View parse(String name) {
        List<String> lines = text(name).lines().toList();
        List<ViewColumn> columns = new ArrayList<>();
        for (String line : lines) {
            Matcher m = COLUMN.matcher(line);
            if (m.matches()) {
                columns.add(new ViewColumn(m.group(1), m.group(2) == null ? "" : m.group(2), m.group(3)));
            }
        }
        return new View(name, lines.getFirst().replaceFirst("^-- ", ""), columns);
    }

    /// The file that defines a view.
    public static String text(String name) {
        try (InputStream in = Views.class.getResourceAsStream("views/" + name + ".sql")) {
            if (in == null) {
                throw new IllegalArgumentException("no view " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
