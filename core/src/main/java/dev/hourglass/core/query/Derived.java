package dev.hourglass.core.query;

import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.StoreException;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.store.UnwritableException;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Column;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Tables that are computed once, because many questions stand on them: which step a device operation
/// belongs to, each step's wall on each GPU, every gap with its cause.
///
/// A recording computes them when it is sealed. An import leaves them empty and says so in
/// `metadata`, so that a trace can be queried as soon as it is read; the first question that needs
/// them computes them.
///
/// Each is a `.sql` file whose head comment says what a row is; the order is that of their dependence.
public final class Derived {
    static final Table KERNEL_CLASS = Table.of(
            "kernel_class",
            "What the names of kernels tell: a hint, not proof.",
            Column.text("name", "Full name, as in kernel."),
            Column.text(
                    "short_name",
                    "Without return type, arguments and template lists; of a wrapper what it wraps. No two names share one: where"
                            + " they would, what tells them apart stands behind it."),
            Column.text(
                    "category", "What part of a model it is likely to be: " + listed(KernelName.categories()) + "."),
            Column.text(
                    "nature", "memory or compute where kernels of such a name are usually limited by it, or unknown."));
    private static final List<String> IN_ORDER = List.of(
            "device_op",
            "host_step",
            "busy_span",
            "host_wait",
            "compilation",
            "host_span",
            "step_op",
            "gpu_step",
            "pause",
            "gpu_gap",
            "step_time",
            "collective_wait",
            "step_period",
            "gemm_call");

    /// Creates `kernel_class`, which [#classify] fills.
    static final String CLASSES =
            "CREATE OR REPLACE TABLE kernel_class (name VARCHAR, short_name VARCHAR, category VARCHAR, nature VARCHAR)";
    /// The names that are classified.
    static final String KERNELS = "SELECT DISTINCT name FROM kernel WHERE name IS NOT NULL ORDER BY name";

    private static final Pattern READERS = readers();
    /// How systems say that nothing more can be written.
    private static final Pattern NO_ROOM =
            Pattern.compile("(?i)no space left|quota exceeded|file too large|read-only file system");

    /// The row of `metadata` that says that the tables are still empty.
    static final String PENDING_FACT = "session.derived_pending";

    private Derived() {}

    private static String listed(List<String> words) {
        return String.join(", ", words.subList(0, words.size() - 1)) + " or " + words.getLast();
    }

    /// Leaves the tables to the first question that needs them.
    public static void postpone(TraceStore store) {
        store.state(PENDING_FACT, "1");
    }

    /// Leaves the tables empty, in the form of this build.
    static void empty(TraceStore store) {
        store.execute(SqlFile.replacing(CLASSES, ""));
        IN_ORDER.forEach(name -> store.execute(text(name) + "\nWITH NO DATA"));
        postpone(store);
    }

    /// Computes the tables of a session that was left without them, unless somebody else just did.
    ///
    /// @throws UnwritableException if nothing can be written to the session's directory
    /// @throws QueryException if its database cannot be written
    static void complete(SessionLayout session) throws UnwritableException {
        try {
            Change.onlyIf(() -> isIncomplete(session), session, Derived::compute);
        } catch (UnwritableException e) {
            throw e;
        } catch (StoreException | IOException e) {
            if (NO_ROOM.matcher(String.valueOf(e.getMessage())).find()) {
                throw new UnwritableException(session, e);
            }
            throw new QueryException(
                    session.directory()
                            + " still lacks the tables that its answers stand on, and cannot be written to ("
                            + e.getMessage() + ")",
                    e);
        }
    }

    private static boolean isIncomplete(SessionLayout session) {
        try (Session stored = Session.openAsStored(session.directory(), Session.Dialect.OWN)) {
            return stored.lacksDerived();
        }
    }

    private static TraceStore compute(TraceStore store) {
        store.spread();
        create(store);
        store.execute("DELETE FROM metadata WHERE name = '" + PENDING_FACT + "'");
        return store;
    }

    /// Whether a statement reads one of the tables, or a view that stands on them.
    public static boolean isReadBy(String statement) {
        return READERS.matcher(statement).find();
    }

    private static Pattern readers() {
        List<String> readers = new ArrayList<>(names());
        for (String view : Views.names()) {
            Pattern known = Pattern.compile("\\b(" + String.join("|", readers) + ")\\b");
            if (known.matcher(Views.text(view)).find()) {
                readers.add(view);
            }
        }
        return Pattern.compile("(?i)\\b(" + String.join("|", readers) + ")\\b");
    }

    /// Those that are computed by SQL, in the order of their dependence.
    static List<String> computed() {
        return IN_ORDER;
    }

    /// What defines the tables.
    static List<String> texts() {
        List<String> all = new ArrayList<>(List.of(CLASSES));
        IN_ORDER.forEach(name -> all.add(text(name)));
        return all;
    }

    /// Names of the tables, in the order in which they are computed.
    public static List<String> names() {
        List<String> all = new ArrayList<>(List.of(KERNEL_CLASS.name()));
        all.addAll(IN_ORDER);
        return all;
    }

    /// Computes every table anew from what the store holds.
    public static void create(TraceStore store) {
        classifyKernels(store);
        IN_ORDER.forEach(name -> store.execute(text(name)));
    }

    /// The file that defines a table.
    static String text(String name) {
        return SqlFile.read("derived/" + name + ".sql");
    }

    private static void classifyKernels(TraceStore store) {
        store.execute(CLASSES);
        classify(store.texts(KERNELS), store);
        store.flush();
    }

    /// Writes rows of `kernel_class`.
    ///
    /// @param names what [#KERNELS] answers
    static void classify(List<String> names, BatchSink sink) {
        try (RowWriter rows = new RowWriter(KERNEL_CLASS, sink)) {
            List<KernelName> all = KernelName.of(names);
            for (int i = 0; i < all.size(); i++) {
                KernelName read = all.get(i);
                rows.set("name", names.get(i))
                        .set("short_name", read.shortName())
                        .set("category", read.category())
                        .set("nature", read.nature())
                        .end();
            }
        }
    }

    /// What each table is.
    public static List<Views.View> all() {
        List<Views.View> all = new ArrayList<>();
        all.add(new Views.View(
                KERNEL_CLASS.name(),
                KERNEL_CLASS.doc(),
                KERNEL_CLASS.columns().stream()
                        .map(column -> new Views.ViewColumn(
                                column.name(), column.unit().symbol(), column.doc()))
                        .toList()));
        IN_ORDER.forEach(name -> all.add(SqlFile.parse(name, text(name))));
        return all;
    }

    /// Documents the tables where the session keeps the docs of all tables.
    static void describe(RowWriter docs) {
        all().forEach(table -> SqlFile.describe(table, docs));
    }
}
