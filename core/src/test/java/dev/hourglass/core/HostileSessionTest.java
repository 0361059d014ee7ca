package dev.hourglass.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.export.ExportFormat;
import dev.hourglass.core.export.Exporter;
import dev.hourglass.core.ingest.OriginalTrace;
import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.query.QueryException;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.store.SessionLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.duckdb.DuckDBDriver;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A session that somebody else made: whatever stands in it, it reaches nothing on this machine.
final class HostileSessionTest {
    private static final String SECRET = "the secret of this machine";

    @TempDir
    private Path directory;

    private Path session;
    private Path secret;

    @TempDir
    private static Path once;

    @BeforeAll
    static void makeASession() throws IOException {
        Path trace = Files.writeString(
                once.resolve("trace.json"),
                "{\"traceEvents\": [{\"ph\":\"X\",\"name\":\"a\",\"cat\":\"kernel\",\"pid\":0,\"tid\":7,\"ts\":1,\"dur\":2,\"args\":{\"device\":0,\"stream\":7}}]}");
        new TraceImport(TraceImport.Options.DEFAULT, bytes -> {})
                .into(List.of(trace), pending().database());
        Files.createDirectory(done().directory());
        Files.copy(pending().database(), done().database());
        Session.open(done().directory()).close();
    }

    /// The session as imported: what is derived from it is still to be computed.
    private static SessionLayout pending() {
        return new SessionLayout(once);
    }

    private static SessionLayout done() {
        return new SessionLayout(once.resolve("done"));
    }

    @BeforeEach
    void receiveIt() throws IOException {
        secret = Files.writeString(directory.resolve("secret.txt"), SECRET + "\n");
        session = Files.createDirectory(directory.resolve("session"));
        Files.copy(done().database(), new SessionLayout(session).database());
    }

    /// Everything that reads or writes a file, or asks the network, as a statement of the user's.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM read_text('%s')",
                "SELECT * FROM read_blob('%s')",
                "SELECT * FROM read_csv('%s')",
                "SELECT * FROM read_csv_auto('%s', header = false)",
                "SELECT * FROM read_json('%s')",
                "SELECT * FROM read_parquet('%s')",
                "SELECT * FROM parquet_metadata('%s')",
                "SELECT * FROM sniff_csv('%s')",
                "SELECT * FROM '%s'",
                "FROM '%s'",
                "SELECT * FROM glob('/etc/*')",
                "SELECT * FROM read_duckdb('%s')",
                "COPY (SELECT 1) TO '%s.out'",
                "COPY slice TO '%s.out' (FORMAT parquet)",
                "COPY slice FROM '%s'",
                "EXPORT DATABASE '%s.out'",
                "IMPORT DATABASE '%s.out'",
                "ATTACH '%s.out' AS other",
                "ATTACH 'http://127.0.0.1:9/x.duckdb' AS other",
                "SELECT * FROM read_text('http://127.0.0.1:9/x')",
                "SELECT * FROM 'https://127.0.0.1:9/x.parquet'",
                "SELECT * FROM 's3://bucket/x.parquet'",
                "INSTALL httpfs",
                "LOAD httpfs",
                "INSTALL spatial FROM community",
                "LOAD '%s'",
                "SET enable_external_access = true",
                "PRAGMA enable_external_access = true",
                "RESET enable_external_access",
                "SET allowed_directories = ['/']",
                "SET lock_configuration = false",
                "SET temp_directory = '%s.out'",
                "SET profiling_output = '%s.out'",
                "SET log_query_path = '%s.out'",
                "PRAGMA profiling_output = '%s.out'",
                "CALL enable_logging('QueryLog', storage = 'file', storage_path = '%s.out')",
                "CREATE PERSISTENT SECRET s (TYPE http, BEARER_TOKEN 'x')",
                "SELECT getenv('HOME')",
                "CREATE TABLE t AS SELECT 1",
                "INSERT INTO slice (id) VALUES (1)",
                "UPDATE slice SET ts = 0",
                "DELETE FROM slice",
                "DROP TABLE slice",
                "DROP VIEW cpu_op",
                "CREATE OR REPLACE VIEW v AS SELECT 1"
            })
    void aStatementReachesNothing(String statement) throws IOException {
        List<Path> before = files();
        try (Session opened = Session.open(session, Session.Dialect.TRACE)) {
            String sql = statement.replace("%s", secret.toString());
            assertThatThrownBy(() -> opened.query(sql)).as(sql).isInstanceOf(QueryException.class);
        }
        assertThat(files()).isEqualTo(before);
        try (Session again = Session.open(session)) {
            assertThat(again.query("SELECT count(*) AS n FROM slice").integer(0, "n"))
                    .hasValue(1);
        }
    }

    /// The database lets a query write to the file that it has open, and to its log.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "COPY (SELECT 1) TO '%s' (FORMAT csv, USE_TMP_FILE false)",
                "COPY (SELECT 1) TO '%s.wal' (FORMAT csv, USE_TMP_FILE false)",
                "copy/**/(SELECT 1) TO '%s.wal'",
                "SELECT 1; COPY (SELECT 1) TO '%s.wal'",
                "EXPLAIN ANALYZE COPY (SELECT 1) TO '%s.wal'",
                "PREPARE p AS COPY (SELECT 1) TO '%s.wal'",
                "SELECT E'\\''; COPY (SELECT 1) TO '%s.wal' --'",
                "SELECT $$'$$; COPY (SELECT 1) TO '%s.wal' --'"
            })
    void aStatementLeavesTheDatabaseItself(String statement) throws IOException {
        Path database = new SessionLayout(session).database();
        byte[] before = Files.readAllBytes(database);
        try (Session opened = Session.open(session, Session.Dialect.TRACE)) {
            String sql = statement.replace("%s", database.toString());
            assertThatThrownBy(() -> opened.query(sql)).as(sql).isInstanceOf(QueryException.class);
            assertThat(opened.query("SELECT 'copy to' AS copy").text(0, "copy", ""))
                    .isEqualTo("copy to");
        }
        assertThat(Files.readAllBytes(database)).isEqualTo(before);
        assertThat(files()).noneMatch(file -> file.toString().endsWith(".wal"));
    }

    /// The same behind names that every report asks for.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "DROP VIEW cpu_op; CREATE VIEW cpu_op AS SELECT content AS name FROM read_text('%s')",
                "CREATE MACRO cpu_op_of() AS TABLE SELECT content AS name FROM read_text('%s'); DROP VIEW cpu_op;"
                        + " CREATE VIEW cpu_op AS SELECT * FROM cpu_op_of()",
                "DROP VIEW cpu_op; CREATE VIEW cpu_op AS SELECT file AS name FROM glob('/etc/pass*')"
            })
    void aViewReachesNothing(String hostile) throws SQLException {
        write(hostile);
        try (Session opened = Session.open(session, Session.Dialect.TRACE)) {
            assertThatThrownBy(() -> opened.query("SELECT name FROM cpu_op"))
                    .isInstanceOf(QueryException.class)
                    .hasMessageNotContaining(SECRET)
                    .hasMessageNotContaining("root:");
        }
    }

    /// What is computed when a session is first asked must write to it, and still sees no file.
    @Test
    void whatIsDerivedReachesNothing() throws IOException, SQLException {
        Files.copy(pending().database(), new SessionLayout(session).database(), StandardCopyOption.REPLACE_EXISTING);
        write("ALTER TABLE kernel RENAME TO kernel_before; CREATE VIEW kernel AS SELECT * REPLACE ((SELECT content FROM"
                + " read_text('%s')) AS name) FROM kernel_before");

        assertThatThrownBy(() -> Session.open(session)).hasMessageNotContaining(SECRET);
        assertThat(tables()).doesNotContain(SECRET);
    }

    @Test
    void whatIsAddedToItReachesNothing() throws IOException, SQLException {
        write("ALTER TABLE source RENAME TO source_before; CREATE VIEW source AS SELECT * REPLACE ((SELECT"
                + " size FROM read_text('%s')) AS id) FROM source_before");
        Path more = Files.writeString(directory.resolve("more.json"), "{\"traceEvents\": []}");

        assertThatThrownBy(() -> new TraceImport(TraceImport.Options.DEFAULT, bytes -> {})
                        .addTo(List.of(more), new SessionLayout(session), () -> {}, added -> {}))
                .hasMessageNotContaining(SECRET);
    }

    @Test
    void readingItIntoAnotherReachesNothing() throws IOException, SQLException {
        write("ALTER TABLE slice RENAME TO slice_before; CREATE VIEW slice AS SELECT * REPLACE ((SELECT content FROM"
                + " read_text('%s')) AS name) FROM slice_before");
        Path other = Files.createDirectory(directory.resolve("other"));
        new TraceImport(TraceImport.Options.DEFAULT, bytes -> {})
                .into(List.of(session), new SessionLayout(other).database());

        session = other;
        assertThat(tables()).doesNotContain(SECRET);
    }

    @Test
    void anExportWritesWhereItWasTold() throws IOException {
        Path out = directory.resolve("tables");
        Exporter.export(session, ExportFormat.CSV, out);

        assertThat(Files.readString(out.resolve("slice.csv"))).contains("kernel");
        Exporter.export(session, ExportFormat.PARQUET, directory.resolve("it's parquet"));
        assertThat(directory.resolve("it's parquet").resolve("slice.parquet")).isNotEmptyFile();
    }

    @Test
    void itsTraceIsServedOnlyIfItIsOne() throws IOException, SQLException {
        assertThat(original().file()).hasValue(once.resolve("trace.json"));

        write("UPDATE source SET path = '%s'");
        assertThat(original().file()).isEmpty();
        assertThat(original().why()).contains("first bytes are not a trace's");

        Files.writeString(secret, "{\"auths\": {\"registry\": {\"auth\": \"c2VjcmV0\"}}}");
        assertThat(original().file()).as("JSON that is no trace").isEmpty();

        Files.delete(secret);
        assertThat(original().why()).contains("not there any more");
        write("UPDATE source SET path = '/dev/zero'");
        assertThat(original().file()).isEmpty();
    }

    private OriginalTrace original() {
        try (Session opened = Session.open(session)) {
            return OriginalTrace.of(opened);
        }
    }

    /// Everything that the session's tables hold, as text.
    private String tables() throws SQLException {
        StringBuilder all = new StringBuilder();
        try (Connection connection = connection();
                Statement statement = connection.createStatement()) {
            for (String table : List.of("slice", "kernel_class", "device_op", "metadata", "import_stat")) {
                try (var rows = statement.executeQuery(
                        "SELECT coalesce(string_agg(t::VARCHAR, ' '), '') FROM " + table + " t")) {
                    rows.next();
                    all.append(rows.getString(1));
                } catch (SQLException e) {
                    all.append(e.getMessage());
                }
            }
        }
        return all.toString();
    }

    private void write(String sql) throws SQLException {
        try (Connection connection = connection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql.replace("%s", secret.toString()));
        }
    }

    private Connection connection() throws SQLException {
        return new DuckDBDriver().connect("jdbc:duckdb:" + new SessionLayout(session).database(), new Properties());
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.sorted().toList();
        }
    }
}
