package dev.hourglass.core.query;

import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import java.util.List;

/// The documented views that stand on the tables, each a `.sql` file whose head comment says what a
/// row is and what the columns mean.
public final class Views {
    private static final List<String> IN_ORDER = List.of(
            "component_def",
            "token_component",
            "expert_activation",
            "expert_pair",
            "routing_weight",
            "expert_imbalance",
            "thread_track",
            "process_track",
            "trace_bounds",
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
            "device_sample",
            "judged_step",
            "step_part",
            "stage_call",
            "stage_span");
    /// Functions that SQL of other trace tools calls.
    private static final String MACROS = "macros";

    /// A view, or a derived table, as its file declares it.
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
        return IN_ORDER.stream().map(name -> SqlFile.parse(name, text(name))).toList();
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
            all().forEach(view -> SqlFile.describe(view, docs));
        }
        store.execute(script.toString());
    }

    /// The file that defines a view.
    public static String text(String name) {
        return SqlFile.read("views/" + name + ".sql");
    }
}
