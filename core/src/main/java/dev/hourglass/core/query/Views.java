package dev.hourglass.core.query;

import dev.hourglass.core.store.Declared;
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
            "part_reading",
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
            "usual_step",
            "rank_wait",
            "request_token",
            "sync_refill",
            "source_host",
            "device_sample",
            "counted_step",
            "host_period",
            "judged_step",
            "worked_step",
            "step_part",
            "stage_call",
            "stage_span",
            "remedy_flag",
            "recorded_engine",
            "shown_setting");
    /// The function of which views are made; the others are made of views.
    private static final String PERCENTILE = "percentile";
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
        try (RowWriter docs = new RowWriter(Tables.SCHEMA_DOC, store)) {
            describe(docs);
        }
        store.execute(script(""));
        store.state(Form.FACT, Form.ofThisBuild());
    }

    /// Brings what stands on the tables of an older session into the form of this build. Its derived tables are left
    /// to the first question that needs them.
    static void renew(TraceStore store) {
        if (store.number("SELECT count(*) FROM source") == 0) { // a run of this recorder, from before it was laid out
            Timeline.lay(store);
        }
        Derived.empty(store);
        store.execute("DELETE FROM schema_doc");
        try (RowWriter docs = new RowWriter(Tables.SCHEMA_DOC, store)) {
            Declared.describe(docs);
            describe(docs);
        }
        store.execute(script(""));
        store.state(TraceStore.VERSION_FACT, Integer.toString(TraceStore.VERSION));
        store.state(Form.FACT, Form.ofThisBuild());
    }

    /// Rows of `schema_doc` for the derived tables and the views.
    static void describe(RowWriter docs) {
        Derived.describe(docs);
        all().forEach(view -> SqlFile.describe(view, docs));
    }

    /// Creates every view and function.
    ///
    /// @param where what is created lies: empty for the database, or `TEMP `
    static String script(String where) {
        StringBuilder script = new StringBuilder("BEGIN;\n")
                .append(SqlFile.replacing(text(PERCENTILE), where))
                .append(";\n");
        IN_ORDER.forEach(
                name -> script.append(SqlFile.replacing(text(name), where)).append(";\n"));
        return script.append(SqlFile.replacing(text(MACROS), where))
                .append(";\nCOMMIT")
                .toString();
    }

    /// The file that defines a view.
    public static String text(String name) {
        return SqlFile.read("views/" + name + ".sql");
    }
}
