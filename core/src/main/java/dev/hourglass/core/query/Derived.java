package dev.hourglass.core.query;

import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.StoreException;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.store.UnwritableException;
import dev.hourglass.core.trace.RowWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// Tables that are computed once, because many questions stand on them: which step a device operation
/// belongs to, each step's wall on each GPU, every gap with its cause.
///
/// A recording computes them when it is sealed. An import leaves them empty and says so in
/// `metadata`, so that a trace can be queried as soon as it is read; the first question that needs
/// them computes them.
///
/// Each is a `.sql` file whose head comment says what a row is; the order is that of their dependence.
public final class Derived {
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
            CriticalTable.NAME,
            "host_work",
            "gemm_call");

    private static final Pattern READERS = readers();
    /// How systems say that nothing more can be written.
    private static final Pattern NO_ROOM =
            Pattern.compile("(?i)no space left|quota exceeded|file too large|read-only file system");

    /// The row of `metadata` that says that the tables are still empty.
    static final String PENDING_FACT = "session.derived_pending";

    private Derived() {}

    /// Leaves the tables to the first question that needs them.
    public static void postpone(TraceStore store) {
        store.state(PENDING_FACT, "1");
    }

    /// Leaves the tables empty, in the form of this build.
    static void empty(TraceStore store) {
        NameTable.ALL.forEach(names -> store.execute(names.definition()));
        IN_ORDER.forEach(name -> store.execute(isCritical(name) ? definition(name) : text(name) + "\nWITH NO DATA"));
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

    /// Those that are computed from others, in the order of their dependence.
    static List<String> computed() {
        return IN_ORDER;
    }

    /// What defines the tables.
    static List<String> texts() {
        List<String> all = new ArrayList<>();
        NameTable.ALL.forEach(names -> all.add(names.definition()));
        IN_ORDER.forEach(name -> all.add(definition(name)));
        return all;
    }

    /// Names of the tables, in the order in which they are computed.
    public static List<String> names() {
        List<String> all = new ArrayList<>();
        NameTable.ALL.forEach(names -> all.add(names.name()));
        all.addAll(IN_ORDER);
        return all;
    }

    /// Computes every table anew from what the store holds.
    public static void create(TraceStore store) {
        NameTable.ALL.forEach(names -> fill(names, store));
        for (String name : IN_ORDER) {
            store.execute(definition(name));
            if (isCritical(name)) {
                new CriticalTable((sql, columns, row) -> store.each(sql, r -> row.accept(integers(r, columns))))
                        .write(store);
                store.flush();
            }
        }
    }

    private static long[] integers(TraceStore.Row row, int columns) {
        return IntStream.range(0, columns).mapToLong(row::number).toArray();
    }

    /// Whether it is the one that no SQL computes.
    static boolean isCritical(String name) {
        return name.equals(CriticalTable.NAME);
    }

    /// What creates a table: of most of them, with its rows.
    static String definition(String name) {
        return isCritical(name) ? CriticalTable.definition() : text(name);
    }

    /// The file that defines a table.
    static String text(String name) {
        return SqlFile.read("derived/" + name + ".sql");
    }

    private static void fill(NameTable names, TraceStore store) {
        store.execute(names.definition());
        names.write(store.texts(names.names()), store);
        store.flush();
    }

    /// What each table is.
    public static List<Views.View> all() {
        List<Views.View> all = new ArrayList<>();
        NameTable.ALL.forEach(names -> all.add(names.view()));
        IN_ORDER.forEach(name -> all.add(isCritical(name) ? CriticalTable.view() : SqlFile.parse(name, text(name))));
        return all;
    }

    /// Documents the tables where the session keeps the docs of all tables.
    static void describe(RowWriter docs) {
        all().forEach(table -> SqlFile.describe(table, docs));
    }
}
