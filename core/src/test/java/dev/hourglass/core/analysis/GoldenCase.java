package dev.hourglass.core.analysis;

import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.query.Derived;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.Views;
import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.TraceStore;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A directory below `golden-analysis`: what goes into a session, and what the analyses, views and derived
/// tables must answer. Its README says what stands where.
record GoldenCase(Path directory) {
    private static final String CSV = ".csv";
    private static final String CELL = "\u001f";
    private static final String ROW = "\u001e";
    private static final String FINDINGS = ".findings.csv";

    /// Every case, by name.
    static List<GoldenCase> all() throws IOException {
        try (Stream<Path> entries = Files.list(root())) {
            return entries.filter(Files::isDirectory)
                    .sorted()
                    .map(GoldenCase::new)
                    .toList();
        }
    }

    static Path root() {
        try {
            return Path.of(Objects.requireNonNull(GoldenCase.class.getResource("/golden-analysis/README.md"))
                            .toURI())
                    .resolveSibling("");
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    String name() {
        return String.valueOf(directory.getFileName());
    }

    @Override
    public String toString() {
        return name();
    }

    /// What the case expects: first of derived tables and views, then of analyses.
    List<GoldenAnswer> answers() throws IOException {
        Path expected = directory.resolve("expected");
        try (Stream<Path> files = Files.walk(expected)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> expected.relativize(file).toString().replace('\\', '/'))
                    .filter(file -> file.endsWith(CSV) && !file.endsWith(FINDINGS))
                    .map(file -> file.substring(0, file.length() - CSV.length()))
                    .sorted((a, b) -> Boolean.compare(isTable(b), isTable(a)) * 1000 + Integer.signum(a.compareTo(b)))
                    .map(id -> new GoldenAnswer(this, id))
                    .toList();
        }
    }

    private static boolean isTable(String id) {
        return id.startsWith("tables/");
    }

    /// Makes the session of the case in an empty directory, with every derived table.
    void into(Path session) throws IOException {
        before(session);
        try (TraceStore store = TraceStore.append(session.resolve("session.duckdb"))) {
            after(store);
        }
    }

    /// The session before any derived table is replaced: what was imported, rows of tables, what is derived from them.
    void before(Path session) throws IOException {
        Path database = session.resolve("session.duckdb");
        List<Path> inputs = files(directory.resolve("input"), "");
        if (!inputs.isEmpty()) {
            new TraceImport(TraceImport.Options.DEFAULT, bytes -> {}).into(inputs, database);
        }
        try (TraceStore store = inputs.isEmpty()
                ? TraceStore.createAs(empty(session.resolveSibling("empty.duckdb")), database)
                : TraceStore.append(database)) {
            for (Path rows : files(directory.resolve("rows"), CSV)) {
                insert(store, rows);
            }
            Derived.postpone(store);
        }
        Session.open(session).close();
    }

    /// Making one takes longer than copying it.
    private static Path empty(Path database) {
        if (!Files.exists(database)) {
            try (TraceStore store = TraceStore.create(database, BlockSize.SMALL)) {
                Views.create(store);
            }
        }
        return database;
    }

    /// Puts rows in place of what was derived, where the case wants that.
    void after(TraceStore store) throws IOException {
        for (Path rows : files(directory.resolve("derived"), CSV)) {
            store.execute("DELETE FROM " + tableOf(rows));
            insert(store, rows);
        }
    }

    /// Whether the case puts rows of its own in place of a derived table's.
    boolean replaces(String table) {
        return Files.exists(directory.resolve("derived").resolve(table + CSV));
    }

    private static void insert(TraceStore store, Path file) throws IOException {
        GoldenTable table = GoldenTable.read(file);
        String rows = table.rows().stream().map(row -> String.join(CELL, row)).collect(Collectors.joining(ROW));
        String cells = IntStream.rangeClosed(1, table.columns().size())
                .mapToObj(i -> "nullif(c[" + i + "], '')")
                .collect(Collectors.joining(", "));
        // One text, split by the database: many values in a statement would take it seconds to read.
        store.execute(
                "INSERT INTO " + tableOf(file) + " (\"" + String.join("\", \"", table.columns()) + "\") SELECT " + cells
                        + " FROM (SELECT string_split(unnest(string_split('" + rows.replace("'", "''") + "', '" + ROW
                        + "')), '" + CELL
                        + "') AS c)");
    }

    private static String tableOf(Path file) {
        return String.valueOf(file.getFileName()).replace(CSV, "");
    }

    private static List<Path> files(Path directory, String ending) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .toList();
        }
    }
}
