package dev.hourglass.core.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.document.HtmlReport;
import dev.hourglass.core.document.MarkdownReport;
import dev.hourglass.core.document.Report;
import dev.hourglass.core.document.TextReport;
import dev.hourglass.core.query.Change;
import dev.hourglass.core.query.Derived;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.StoredSessions;
import dev.hourglass.core.query.Views;
import dev.hourglass.core.report.SessionReport;
import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.text.TerminalWidth;
import dev.hourglass.core.trace.Column;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Sessions of every earlier version answer everything, written to or not; what is missing is empty.
final class OlderSessionsTest {
    /// In so many steps each table is missed, with others that are declared far from it.
    private static final int GROUPS = 8;

    @TempDir
    private Path directory;

    static List<String> names() {
        return StoredSessions.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void answerEverythingAndStayAsTheyAre(String name) throws IOException {
        SessionLayout session = StoredSessions.unpack(name, directory.resolve("session"));
        StoredSessions.forbidWriting(session);
        byte[] before = Files.readAllBytes(session.database());
        try (Session opened = Session.open(session.directory())) {
            answersEverything(opened);
            try (Session second = opened.again()) {
                answersEverything(second);
            }
        }
        assertThat(Files.readAllBytes(session.database())).isEqualTo(before);
        try (Stream<Path> files = Files.list(session.directory())) {
            assertThat(files.map(file -> file.getFileName().toString())).containsOnly("session.duckdb", ".lock");
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void areReportedOnWithWhatTheyHold(String name) throws IOException {
        SessionLayout session = StoredSessions.unpack(name, directory.resolve("session"));
        StoredSessions.forbidWriting(session);
        try (Session opened = Session.open(session.directory())) {
            Explanation explanation = Explainer.explain(opened);
            assertThat(explanation.decode().map(decode -> decode.tokens().size()))
                    .isEqualTo(name.endsWith("decode") ? Optional.of(4) : Optional.empty());
            if (name.equals("v1/trace")) {
                assertThat(explanation.overall()).isEqualTo(Bound.MEMORY);
            }
            Report report = SessionReport.of(explanation, name);
            assertThat(HtmlReport.render(report)).contains("<svg");
            assertThat(MarkdownReport.render(report)).startsWith("# ");
            assertThat(TextReport.full(report, TerminalWidth.plain(100))).isNotBlank();
        }
    }

    /// The derived tables that are computed in memory are those that an importing build would have kept.
    @ParameterizedTest
    @ValueSource(strings = {"v0/trace", "v1/first", "v1/trace"})
    void sayTheSameAsASessionOfThisBuild(String name) throws IOException {
        SessionLayout older = StoredSessions.unpack(name, directory.resolve("older"));
        SessionLayout newer = StoredSessions.unpack(name, directory.resolve("newer"));
        StoredSessions.forbidWriting(older);
        Change.of(newer, () -> {}, store -> store);
        try (Session a = Session.open(older.directory());
                Session b = Session.open(newer.directory())) {
            for (String analysis : List.of("steps/stages", "gpu/kernels", "gpu/gaps")) {
                Rows expected = AnalysisLibrary.run(b, analysis);
                assertThat(AnalysisLibrary.run(a, analysis).rows())
                        .usingRecursiveComparison()
                        .withEqualsForType((x, y) -> Math.abs(x - y) <= 1e-9 * Math.abs(x), Double.class)
                        .isEqualTo(expected.rows());
                assertThat(expected.size()).as(analysis).isPositive();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void growIntoTheFormOfThisBuildWhenSomethingIsAdded(String name) throws IOException {
        SessionLayout session = StoredSessions.unpack(name, directory.resolve("session"));
        SessionLayout fresh = new SessionLayout(Files.createDirectory(directory.resolve("fresh")));
        try (TraceStore store = TraceStore.create(fresh.database(), BlockSize.SMALL)) {
            Views.create(store);
        }
        String counted = name.endsWith("decode") ? "SELECT count(*) FROM op" : "SELECT count(*) FROM kernel";
        long rows = number(session, counted);

        Change.of(session, () -> {}, store -> {
            store.state("added", "yes");
            return store;
        });

        assertThat(form(session)).isEqualTo(form(fresh));
        assertThat(number(session, counted)).isPositive().isEqualTo(rows);
        assertThat(number(session, "SELECT count(*) FROM metadata WHERE name = 'added'"))
                .isEqualTo(1);
        assertThat(number(session, "SELECT value::BIGINT FROM metadata WHERE name = 'session.version'"))
                .isEqualTo(TraceStore.VERSION);
        assertThat(number(session, "SELECT count(*) FROM slice"))
                .as("the timeline")
                .isPositive();
        try (Session opened = Session.open(session.directory())) {
            answersEverything(opened);
        }
    }

    /// Four columns of every table at a time: the first of each quarter, the second of each quarter…
    @Test
    void noMissingColumnIsAnError() throws IOException {
        SessionLayout whole = raised();
        int most = Tables.all().stream()
                .mapToInt(table -> table.columns().size())
                .max()
                .orElseThrow();
        int quarter = (most + 3) / 4;
        for (int column = 0; column < quarter; column++) {
            Set<Integer> at = Set.of(column, column + quarter, column + 2 * quarter, column + 3 * quarter);
            answersWithout(
                    whole,
                    Tables.all().stream()
                            .flatMap(table -> at.stream()
                                    .filter(c -> c < table.columns().size())
                                    .map(c -> "ALTER TABLE " + table.name() + " DROP COLUMN "
                                            + table.columns().get(c).name()))
                            .toList(),
                    AnalysisLibrary.ids());
        }
    }

    @Test
    void noMissingTableIsAnError() throws IOException {
        SessionLayout whole = raised();
        List<String> names =
                new ArrayList<>(Tables.all().stream().map(Table::name).toList());
        names.addAll(Derived.names());
        for (int group = 0; group < GROUPS; group++) {
            int at = group;
            List<String> dropped = IntStream.range(0, names.size())
                    .filter(i -> i % GROUPS == at)
                    .mapToObj(names::get)
                    .toList();
            Pattern reads = Pattern.compile("\\b(" + String.join("|", dropped) + ")\\b");
            answersWithout(
                    whole,
                    dropped.stream().map(name -> "DROP TABLE " + name).toList(),
                    AnalysisLibrary.ids().stream()
                            .filter(id -> reads.matcher(AnalysisLibrary.find(id).sql())
                                    .find())
                            .toList());
        }
        answersWithout(whole, names.stream().map(name -> "DROP TABLE " + name).toList(), AnalysisLibrary.ids());
    }

    @Test
    void noMissingViewIsAnError() throws IOException {
        answersWithout(
                raised(),
                Views.names().stream().map(name -> "DROP VIEW " + name).toList(),
                AnalysisLibrary.ids());
    }

    private SessionLayout raised() throws IOException {
        SessionLayout session = StoredSessions.unpack("v1/trace", directory.resolve("whole"));
        Change.of(session, () -> {}, store -> store);
        Session.open(session.directory()).close();
        return session;
    }

    private void answersWithout(SessionLayout whole, List<String> dropped, List<String> analyses) throws IOException {
        SessionLayout session = new SessionLayout(Files.createTempDirectory(directory, "without"));
        Files.copy(whole.database(), session.database());
        try (TraceStore store = TraceStore.append(session.database())) {
            store.state("session.form", "older");
            store.execute(String.join("; ", dropped));
        }
        try (Session opened = Session.open(session.directory())) {
            answers(opened, analyses);
        }
    }

    private static void answersEverything(Session session) {
        answers(session, AnalysisLibrary.ids());
    }

    private static void answers(Session session, List<String> analyses) {
        for (String id : analyses) {
            Rows rows = AnalysisLibrary.run(session, id);
            assertThat(rows.columns())
                    .as(id)
                    .containsAll(AnalysisLibrary.find(id).columns().stream()
                            .map(Analysis.ColumnDoc::name)
                            .toList());
        }
        for (Table table : Tables.all()) {
            assertThat(head(session, table.name()))
                    .containsAll(table.columns().stream().map(Column::name).toList());
        }
        Stream.concat(Derived.all().stream(), Views.all().stream())
                .forEach(view -> assertThat(head(session, view.name()))
                        .containsAll(view.columns().stream()
                                .map(Views.ViewColumn::name)
                                .toList()));
        assertThat(session.query("SELECT total(x) AS n FROM (VALUES (1), (2)) t(x)")
                        .real(0, "n"))
                .hasValue(3);
        assertThat(session.query("SELECT count(*) AS n FROM schema_doc WHERE table_name = 'op_cost'")
                        .integer(0, "n"))
                .hasValue(Tables.find("op_cost").orElseThrow().columns().size() + 1);
    }

    private static List<String> head(Session session, String relation) {
        return session.query("SELECT * FROM " + relation + " LIMIT 1").columns();
    }

    private static long number(SessionLayout session, String sql) {
        Session stored = Session.openAsStored(session.directory(), Session.Dialect.OWN);
        try (stored) {
            Rows rows = stored.query("SELECT (" + sql + ") AS n");
            return rows.integer(0, "n").orElse(0);
        }
    }

    /// Everything that is declared, in any order, and its docs.
    private static List<String> form(SessionLayout session) {
        try (Session stored = Session.openAsStored(session.directory(), Session.Dialect.OWN)) {
            return Stream.of(
                            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal AND database_name = 'session' ORDER BY ALL",
                            "SELECT view_name FROM duckdb_views() WHERE NOT internal AND database_name = 'session' ORDER BY ALL",
                            "SELECT function_name, macro_definition FROM duckdb_functions() WHERE NOT internal AND database_name = 'session' ORDER BY ALL",
                            "SELECT * FROM schema_doc ORDER BY ALL",
                            "SELECT value FROM metadata WHERE name IN ('session.form', 'session.version') ORDER BY ALL")
                    .map(stored::query)
                    .flatMap(rows -> IntStream.range(0, rows.size())
                            .mapToObj(row -> rows.rows().get(row).toString()))
                    .toList();
        }
    }
}
