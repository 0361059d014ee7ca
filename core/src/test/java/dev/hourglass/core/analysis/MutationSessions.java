package dev.hourglass.core.analysis;

import dev.hourglass.core.query.Derived;
import dev.hourglass.core.query.QueryException;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.Views;
import dev.hourglass.core.store.StoreException;
import dev.hourglass.core.store.TraceStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// The golden cases as sessions in which a view, a derived table or an analysis can be another than the
/// library's.
final class MutationSessions implements AutoCloseable {
    private static final String DATABASE = "session.duckdb";
    private static final Pattern NOT_SQL = Pattern.compile("(Parser|Binder|Catalog) Error");

    /// After this a mutant counts as one that never ends, as recursion does that lost its condition: it fills memory.
    private static final Duration LONGEST = Duration.ofSeconds(20);

    /// How a mutant fared.
    enum Fate {
        KILLED,
        SURVIVED,
        /// The database refuses it whatever the data: nobody could commit it.
        REFUSED
    }

    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().factory());
    private final Path folder;
    private final Map<GoldenCase, Session> sessions = new LinkedHashMap<>();
    private final List<GoldenAnswer> answers = new ArrayList<>();
    private final Map<String, String> texts = new HashMap<>();

    MutationSessions(Path folder) throws IOException {
        this.folder = folder;
        for (GoldenCase golden : GoldenCase.all()) {
            Path before = Files.createDirectories(folder.resolve("before").resolve(golden.name()));
            golden.before(before);
            Path whole = Files.createDirectories(folder.resolve("whole").resolve(golden.name()));
            Files.copy(before.resolve(DATABASE), whole.resolve(DATABASE));
            try (TraceStore store = TraceStore.append(whole.resolve(DATABASE))) {
                golden.after(store);
            }
            sessions.put(golden, Session.open(whole));
            answers.addAll(golden.answers());
        }
        Views.names().forEach(view -> texts.put(view, Views.text(view)));
        for (String table : Derived.names()) {
            if (isSql(table)) {
                texts.put(table, resource(place(table)));
            }
        }
    }

    /// Whether a derived table is made by SQL; others are made in Java.
    static boolean isSql(String table) {
        return MutationSessions.class.getResource(place(table)) != null;
    }

    private static String place(String table) {
        return "/dev/hourglass/core/query/derived/" + table + ".sql";
    }

    private static String resource(String path) throws IOException {
        try (InputStream in = Objects.requireNonNull(MutationSessions.class.getResourceAsStream(path))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /// The file of a view or a derived table.
    String text(String table) {
        return Objects.requireNonNull(texts.get(table));
    }

    @Override
    public void close() {
        watch.shutdownNow();
        sessions.values().forEach(Session::close);
    }

    Fate analysis(String id, String sql) throws IOException {
        for (GoldenAnswer answer : answers) {
            if (answer.id().equals(id)) {
                Fate fate = fate(answer, session(answer), sql);
                if (fate != Fate.SURVIVED) {
                    return fate;
                }
            }
        }
        return Fate.SURVIVED;
    }

    private Session session(GoldenAnswer answer) {
        return Objects.requireNonNull(sessions.get(answer.of()));
    }

    private Fate fate(GoldenAnswer answer, Session session, String sql) throws IOException {
        ScheduledFuture<?> end = watch.schedule(session::cancel, LONGEST.toMillis(), TimeUnit.MILLISECONDS);
        try {
            return answer.difference(
                                    session,
                                    id -> sql.isEmpty()
                                            ? AnalysisLibrary.find(id).sql()
                                            : sql)
                            .isEmpty()
                    ? Fate.SURVIVED
                    : Fate.KILLED;
        } catch (QueryException e) {
            return refused(e);
        } catch (IllegalArgumentException e) {
            return Fate.KILLED; // no such severity
        } finally {
            end.cancel(false);
        }
    }

    private static Fate refused(RuntimeException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return NOT_SQL.matcher(e.getMessage() + " " + cause.getMessage()).find() ? Fate.REFUSED : Fate.KILLED;
    }

    /// Asks everything that stands on a view or a derived table, the table itself first.
    Fate table(String name, String sql) throws IOException {
        Set<String> readers = readers(name);
        for (GoldenCase golden : sessions.keySet()) {
            List<GoldenAnswer> asked = answers.stream()
                    .filter(a -> a.of().equals(golden) && readers.contains(a.id()))
                    .sorted((a, b) -> Boolean.compare(
                            b.subject().equals(name), a.subject().equals(name)))
                    .toList();
            if (!asked.isEmpty() && !golden.replaces(name)) {
                Fate fate = table(golden, name, sql, asked);
                if (fate != Fate.SURVIVED) {
                    return fate;
                }
            }
        }
        return Fate.SURVIVED;
    }

    private Fate table(GoldenCase golden, String name, String sql, List<GoldenAnswer> asked) throws IOException {
        Path directory = Files.createDirectories(folder.resolve("changed"));
        Files.deleteIfExists(directory.resolve(DATABASE + ".wal"));
        Files.copy(
                folder.resolve("before").resolve(golden.name()).resolve(DATABASE),
                directory.resolve(DATABASE),
                StandardCopyOption.REPLACE_EXISTING);
        List<String> later = laterThan(name);
        try {
            change(directory, store -> {
                store.execute(sql.replace("CREATE VIEW", "CREATE OR REPLACE VIEW"));
                if (later.isEmpty()) {
                    golden.after(store);
                }
            });
            // The table alone tells in most cases; what stands on it takes longer to compute.
            List<GoldenAnswer> own = asked.stream()
                    .filter(answer -> answer.subject().equals(name))
                    .toList();
            if (isKilled(directory, own)) {
                return Fate.KILLED;
            }
            change(directory, store -> {
                later.forEach(table -> store.execute(text(table)));
                golden.after(store);
            });
        } catch (StoreException e) {
            return refused(e);
        }
        return isKilled(directory, asked) ? Fate.KILLED : Fate.SURVIVED;
    }

    private interface Change {
        void apply(TraceStore store) throws IOException;
    }

    private static void change(Path directory, Change change) throws IOException {
        try (TraceStore store = TraceStore.append(directory.resolve(DATABASE))) {
            change.apply(store);
        }
    }

    private boolean isKilled(Path directory, List<GoldenAnswer> asked) throws IOException {
        if (asked.isEmpty()) {
            return false;
        }
        try (Session session = Session.open(directory)) {
            for (GoldenAnswer answer : asked) {
                if (fate(answer, session, "") != Fate.SURVIVED) {
                    return true;
                }
            }
            return false;
        }
    }

    private static List<String> laterThan(String table) {
        List<String> derived = Derived.names();
        int at = derived.indexOf(table);
        return at < 0 ? List.of() : derived.subList(at + 1, derived.size());
    }

    /// Ids of the answers that stand on a table.
    private Set<String> readers(String name) {
        Set<String> tables = new TreeSet<>(Set.of(name));
        int before = 0;
        while (before != tables.size()) {
            before = tables.size();
            Pattern known = Pattern.compile("\\b(" + String.join("|", tables) + ")\\b");
            texts.forEach((table, text) -> {
                if (known.matcher(text.replaceAll("--[^\n]*", "")).find()) {
                    tables.add(table);
                }
            });
        }
        Pattern known = Pattern.compile("\\b(" + String.join("|", tables) + ")\\b");
        Set<String> readers = new TreeSet<>();
        tables.forEach(table -> readers.add("tables/" + table));
        AnalysisLibrary.ids().stream()
                .filter(id -> known.matcher(AnalysisLibrary.find(id).sql()).find())
                .forEach(readers::add);
        return readers;
    }
}
