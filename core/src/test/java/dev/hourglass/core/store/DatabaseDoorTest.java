package dev.hourglass.core.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.query.QueryException;
import dev.hourglass.core.query.Session;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.duckdb.DuckDBConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// No name of a session means anything but itself, and no content makes the database look elsewhere.
class DatabaseDoorTest {
    private static final String TRACE =
            "{\"traceEvents\": [{\"ph\":\"X\",\"name\":\"a\",\"pid\":0,\"tid\":7,\"ts\":1,\"dur\":2}]}";

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a;b",
                "x;session_init_sql_file=init.sql",
                "x;access_mode=read_write",
                "md:x",
                "sqlite:x",
                ":memory:",
                "http:x",
                "it's \"so\"",
                "new\nline",
                "s*r[1]{a,b}",
                "%41#b",
                "日本",
                "-o",
                " "
            })
    void aNameMeansNothing(String name) throws IOException {
        assumeTrue(
                Charset.forName(System.getProperty("sun.jnu.encoding"))
                        .newEncoder()
                        .canEncode(name),
                "this machine's encoding has no such names");
        Files.writeString(
                directory.resolve("init.sql"), "COPY (SELECT 1) TO '" + directory.resolve("written.csv") + "';");
        SessionLayout session = imported(directory.resolve(name));

        try (Session opened = Session.open(session.directory())) {
            assertThat(opened.query("SELECT count(*) AS n FROM slice").integer(0, "n"))
                    .hasValue(1);
            try (Session again = opened.again()) {
                assertThat(again.query("SELECT current_database() AS d").text(0, "d", ""))
                        .isEqualTo("session");
            }
        }
        Path more = Files.writeString(directory.resolve("more.json"), TRACE.replace("\"a\"", "\"b\""));
        new TraceImport(TraceImport.Options.DEFAULT, bytes -> {}).addTo(List.of(more), session, () -> {}, added -> {});
        try (Session opened = Session.open(session.directory())) {
            assertThat(opened.query("SELECT count(*) AS n FROM slice").integer(0, "n"))
                    .hasValue(2);
        }
        assertThat(names(directory)).containsExactlyInAnyOrder("init.sql", "trace.json", "more.json", name);
        assertThat(names(session.directory())).containsExactlyInAnyOrder("session.duckdb", ".lock");
    }

    /// The engine would take one for the beginning of options, and open another directory for the other.
    @ParameterizedTest
    @ValueSource(strings = {"a?b", "a\\b"})
    void aNameThatTheEngineMisreadsIsRefused(String name) throws IOException {
        SessionLayout plain = imported(directory.resolve("a").resolve("b"));
        Path odd = Files.createDirectory(directory.resolve(name));
        Files.copy(plain.database(), odd.resolve("session.duckdb"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), odd);

        for (Path place : List.of(odd, link)) {
            assertThatThrownBy(() -> Session.open(place))
                    .isInstanceOf(QueryException.class)
                    .hasMessageContaining("give the directory another name");
        }
        assertThatThrownBy(() -> TraceStore.create(odd.resolve("new.duckdb"), BlockSize.SMALL))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("give the directory another name");
        assertThat(names(odd)).containsExactly("session.duckdb");
    }

    @Test
    void aNameThatIsNoTextIsRefused() throws Exception {
        SessionLayout plain = imported(directory.resolve("plain"));
        new ProcessBuilder(
                        "bash",
                        "-c",
                        "mkdir \"$0/\"$'a\\xff' && cp \"$1\" \"$0/\"$'a\\xff'",
                        directory.toString(),
                        plain.database().toString())
                .start()
                .waitFor();
        Path odd;
        try (Stream<Path> files = Files.list(directory)) {
            odd = files.filter(file -> file.getFileName().toString().length() == 2)
                    .findFirst()
                    .orElseThrow();
        }
        assertThatThrownBy(() -> Session.open(odd))
                .isInstanceOf(QueryException.class)
                .hasMessageContaining("not valid in this machine's encoding");
        assertThat(names(odd)).containsExactly("session.duckdb");
    }

    @Test
    void whatIsNoDatabaseIsSaidByItsFirstBytes() throws IOException {
        refused(new byte[0], "is empty");
        refused("SQLite format 3\0 and more".getBytes(StandardCharsets.US_ASCII), "SQLite");
        refused("ducklake:metadata.sqlite".getBytes(StandardCharsets.US_ASCII), "begins otherwise");
        refused(new byte[] {1, 2, 3}, "begins otherwise");
        Path session = imported(directory.resolve("cut")).database();
        byte[] whole = Files.readAllBytes(session);
        for (int length : new int[] {12, 4096, 12_288, whole.length / 2}) {
            refused(Arrays.copyOf(whole, length), "session.duckdb");
        }
    }

    private void refused(byte[] content, String said) throws IOException {
        Path session = Files.createTempDirectory(directory, "session");
        Files.write(session.resolve("session.duckdb"), content);
        assertThatThrownBy(() -> Session.open(session).query("SELECT count(*) FROM slice"))
                .isInstanceOf(QueryException.class)
                .hasMessageContaining(said)
                .hasMessageNotContaining("xtension");
        assertThat(names(session)).containsExactly("session.duckdb");
    }

    @Test
    void aLinkOrADirectoryIsNoDatabase() throws IOException {
        Path real = imported(directory.resolve("real")).database();
        Path linked = Files.createDirectory(directory.resolve("linked"));
        Files.createSymbolicLink(linked.resolve("session.duckdb"), real);
        Path nested = directory.resolve("nested");
        Files.createDirectories(nested.resolve("session.duckdb"));

        assertThatThrownBy(() -> DatabaseDoor.reading(linked.resolve("session.duckdb")))
                .hasMessageContaining("link");
        assertThatThrownBy(() -> DatabaseDoor.reading(nested.resolve("session.duckdb")))
                .hasMessageContaining("no file");
    }

    /// Nothing is loaded, installed or asked for over a network, even by an engine that may reach files.
    @Test
    void anEngineKnowsOnlyWhatItBringsAlong() throws SQLException {
        try (DuckDBConnection engine = DatabaseDoor.empty();
                Statement statement = engine.createStatement()) {
            for (String setting : List.of(
                    "autoinstall_known_extensions",
                    "autoload_known_extensions",
                    "allow_community_extensions",
                    "allow_persistent_secrets",
                    "allow_unsigned_extensions")) {
                try (ResultSet rows = statement.executeQuery("SELECT current_setting('" + setting + "')")) {
                    assertThat(rows.next()).isTrue();
                    assertThat(rows.getBoolean(1)).as(setting).isFalse();
                }
            }
            Path home = Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                    ? directory.resolve("extensions")
                    : directory;
            statement.execute("SET extension_directory = " + DatabaseDoor.literal(home));
            for (String asks : List.of(
                    "SELECT * FROM 'http://127.0.0.1:9/x.parquet'",
                    "SELECT * FROM 's3://bucket/x.parquet'",
                    "ATTACH 'md:x'",
                    "ATTACH 'sqlite:x'",
                    "SELECT * FROM st_read('x')")) {
                assertThatThrownBy(() -> statement.execute(asks))
                        .as(asks)
                        .isInstanceOf(SQLException.class)
                        .hasMessageNotContaining("127.0.0.1:9/x.parquet: ")
                        .hasMessageNotContaining("ownload");
            }
            assertThat(home).doesNotExist();
        }
    }

    private SessionLayout imported(Path place) throws IOException {
        SessionLayout session = new SessionLayout(Files.createDirectories(place));
        Path trace = Files.writeString(directory.resolve("trace.json"), TRACE);
        new TraceImport(TraceImport.Options.DEFAULT, bytes -> {}).into(List.of(trace), session.database());
        return session;
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
