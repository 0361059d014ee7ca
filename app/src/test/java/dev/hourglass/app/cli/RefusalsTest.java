package dev.hourglass.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a user's mistake or a bad file gets: one line that says what, where and what to do, exit code 2,
/// and nothing left behind.
@Isolated
class RefusalsTest {
    private static final Path GOLDEN = Path.of("../core/src/test/resources/golden");
    private static final Path TRACE = GOLDEN.resolve("kineto/kineto.json");

    @TempDir
    private Path directory;

    private Path session;

    @BeforeEach
    void importATrace() {
        session = directory.resolve("session");
        assertThat(Said.by("import", TRACE.toString(), "-o", session.toString()).code())
                .isZero();
    }

    private static void refused(Said said, String... parts) {
        assertThat(said.err().strip().lines()).as(said.err()).hasSize(1);
        assertThat(said.err())
                .startsWith("hourglass: ")
                .contains(parts)
                .doesNotContain("Exception")
                .doesNotContain("null");
        assertThat(said.code()).as(said.err()).isEqualTo(2);
    }

    private void importRefused(Path input, String... parts) throws IOException {
        Path place = directory.resolve("new");
        refused(Said.by("import", input.toString(), "-o", place.toString()), parts);
        assertThat(place).doesNotExist();
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left.map(path -> String.valueOf(path.getFileName())))
                    .noneMatch(name -> name.contains(".growing"));
        }
    }

    private List<String> sources() {
        try (Session opened = Session.open(session)) {
            Rows rows = opened.query("SELECT name FROM source ORDER BY id");
            return IntStream.range(0, rows.size())
                    .mapToObj(i -> rows.text(i, "name", ""))
                    .toList();
        }
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    @Test
    void aSessionOfANewerVersionNamesBoth() throws IOException {
        newer();
        refused(
                Said.by("sql", session.toString(), "SELECT 1"),
                "newer Hourglass",
                "version 7",
                "up to 2",
                "update Hourglass");
        refused(Said.by("analyze", session.toString()), "version 7", "update Hourglass");
        refused(
                Said.by(
                        "import",
                        GOLDEN.resolve("sglang/sglang.json").toString(),
                        "-o",
                        session.toString(),
                        "--append"),
                "version 7",
                "writes 2",
                "update Hourglass");
        importRefused(session, "version 2 or older, not 7", "update Hourglass");
    }

    private void newer() {
        try (TraceStore store = TraceStore.append(new SessionLayout(session).database())) {
            store.execute("UPDATE metadata SET value = '7' WHERE name = 'session.version'");
        }
    }

    @Test
    void whatIsNoSessionSaysSo() throws IOException {
        Path empty = Files.createDirectory(directory.resolve("empty"));
        refused(Said.by("sql", empty.toString(), "SELECT 1"), "is not a session", "session.duckdb");
        Path broken = Files.createDirectory(directory.resolve("broken"));
        Files.writeString(new SessionLayout(broken).database(), "no database");
        refused(Said.by("sql", broken.toString(), "SELECT 1"), "cannot open", "broken");
        refused(Said.by("sql", directory.resolve("nowhere").toString(), "SELECT 1"), "nowhere", "is not a session");
    }

    @Test
    void anUnknownSchemaOfNsightSystemsIsNamed() throws Exception {
        Path file = directory.resolve("new.sqlite");
        try (var connection = org.sqlite.JDBC.createConnection("jdbc:sqlite:" + file, new Properties());
                var statement = connection.createStatement()) {
            statement.executeUpdate(
                    "CREATE TABLE StringIds (id INTEGER PRIMARY KEY, value TEXT);"
                            + "CREATE TABLE META_DATA_EXPORT (name TEXT, value TEXT);"
                            + "INSERT INTO META_DATA_EXPORT VALUES ('EXPORT_SCHEMA_VERSION', '9.1.0'), ('EXPORT_PRODUCT_VERSION', '2031.1');");
        }
        importRefused(file, "new.sqlite", "9.1.0", "2031.1", "version 2 or 3");
    }

    @Test
    void aTruncatedDatabaseIsNamed() throws Exception {
        Path file = directory.resolve("cut.sqlite");
        Files.write(file, Arrays.copyOf("SQLite format 3\0".getBytes(StandardCharsets.US_ASCII), 60));
        importRefused(file, "cut.sqlite", "readable SQLite database");
    }

    @Test
    void anUnreadableArchiveIsNamed() throws IOException {
        Path file = Files.write(directory.resolve("bad.json.gz"), new byte[] {0x1f, (byte) 0x8b, 8, 'x', 'y', 'z'});
        importRefused(file, "bad.json.gz", "gzip", "damaged");
    }

    /// What stands before the cut is read; the loss is said on both streams and the exit code is 0.
    @Test
    void anArchiveThatIsCutShortYieldsItsBeginning() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            StringBuilder events = new StringBuilder("[");
            Random random = new Random(1);
            for (int i = 0; i < 5000; i++) {
                events.append("{\"ph\":\"X\",\"name\":\"n" + random.nextInt() + "\",\"pid\":1,\"tid\":1,\"ts\":"
                        + i * 10 + ",\"dur\":5},\n");
            }
            out.write(events.toString().getBytes(StandardCharsets.UTF_8));
        }
        Path file =
                Files.write(directory.resolve("cut.json.gz"), Arrays.copyOf(packed.toByteArray(), packed.size() / 2));

        Said said = Said.by(
                "import", file.toString(), "-o", directory.resolve("cut").toString());

        assertThat(said.code()).isZero();
        assertThat(said.err()).contains("warning").contains("cut.json.gz").contains("truncated");
        assertThat(said.out()).contains("data_loss");
    }

    @Test
    void whatIsNoTraceSaysWhatIs() throws IOException {
        importRefused(
                file("notes.txt", "dear diary\n"),
                "notes.txt",
                "a trace of a known format",
                "chrome-json",
                "nsys-sqlite");
        importRefused(file("empty.json", ""), "empty.json", "a trace of a known format");
        importRefused(directory.resolve("missing.json"), "no file or directory", "missing.json");
    }

    @ParameterizedTest
    @CsvSource({
        "traces.zip, 'PK\3\4', a zip archive, unzip",
        "perf.txt, ' Performance counter stats for ''sleep 1'':', perf stat prints, perf stat -j",
        "run.pftrace, '\n\4@\7P\1', Perfetto, traceconv json"
    })
    void whatIsNotReadButKnownSaysWhatToDo(String name, String content, String what, String command)
            throws IOException {
        importRefused(file(name, content), name, what, command, "import");
    }

    @Test
    void aWrongCheckSumIsAWarning() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(Files.readAllBytes(TRACE));
        }
        byte[] bytes = packed.toByteArray();
        bytes[bytes.length - 8] ^= 1;
        Path file = Files.write(directory.resolve("flipped.json.gz"), bytes);

        Said said = Said.by(
                "import", file.toString(), "-o", directory.resolve("flipped").toString());

        assertThat(said.code()).isZero();
        assertThat(said.err()).contains("warning").contains("flipped.json.gz").contains("damaged_archive");
        assertThat(said.out()).contains("data_loss").doesNotContain("nothing was lost");
    }

    @Test
    void wrongJsonNamesTheByte() throws IOException {
        importRefused(file("other.json", "{\"a\": 1, \"b\": [2]}"), "other.json", "at byte", "traceEvents");
        importRefused(file("list.json", "{\"traceEvents\": 5}"), "list.json", "at byte 16", "traceEvents");
    }

    @ParameterizedTest
    @CsvSource({
        "run.nsys-rep, nsys export --type sqlite, run.sqlite",
        "run.qdrep, nsys export --type sqlite, run.sqlite",
        "run.ncu-rep, ncu --import, run.csv"
    })
    void aReportOfTheVendorsNamesTheExport(String name, String command, String result) throws IOException {
        importRefused(file(name, "binary"), name, command, result, "import");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELEC 1 | near \"SELEC\" | line 1, column 1",
                "SELECT * FROM slise | slise | slice",
                "SELECT durr FROM slice | durr | dur",
                "SELECT ts,\\n  FROM FROM slice | near \"FROM\" | line 2",
                "SELECT foo(1) | foo | line 1, column 8"
            })
    void anSqlErrorNamesThePlaceAndWhatIsNear(String sql, String what, String near) {
        refused(Said.by("sql", session.toString(), sql.replace("\\n", "\n")), what, near);
    }

    @Test
    void anEmptyQueryIsRefused() {
        refused(Said.by("sql", session.toString(), " ; "), "the query is empty");
    }

    @Test
    void aSpanThatHoldsNothingIsRefused() {
        refused(Said.by("analyze", session.toString(), "--from", "10", "--to", "5"), "--to 5 is not behind --from 10");
        refused(Said.by("analyze", session.toString(), "--from", "-1"), "--from -1", "before the session's start");
        refused(Said.by("analyze", session.toString(), "--from", "99999999999"), "behind the session's end");
        refused(Said.by("analyze", session.toString(), "--from", "soon"), "--from", "soon");
        assertThat(Said.by("analyze", session.toString(), "--from", "0", "--to", "90000")
                        .code())
                .isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 90000, 0 s, 0.09ms",
        "10000, 90000, 10us, 90µs",
        "10000, 90000, 0.01ms, 90 us",
        "10000, 1000000000, 10000ns, 1s",
    })
    void aMomentMayHaveAUnit(String fromNs, String toNs, String from, String to) {
        Said plain = Said.by("analyze", session.toString(), "gpu/kernels", "--json", "--from", fromNs, "--to", toNs);
        Said told = Said.by("analyze", session.toString(), "gpu/kernels", "--json", "--from", from, "--to", to);
        assertThat(told.code()).as(told.err()).isZero();
        assertThat(told.out()).isEqualTo(plain.out());
    }

    @Test
    void aMomentThatIsNoneSaysWhatOneIs() {
        refused(Said.by("analyze", session.toString(), "--from", "50min"), "--from", "50min", "50ms");
        refused(Said.by("analyze", session.toString(), "--to", "1e3"), "--to", "1e3", "ns, us, ms, s");
        refused(Said.by("analyze", session.toString(), "--to", "99999999999s"), "--to", "no time");
        refused(
                Said.by("analyze", session.toString(), "--from", "2ms", "--to", "1ms"),
                "--to 1ms is not behind --from 2ms");
        refused(Said.by("analyze", session.toString(), "--from", "100s"), "--from 100s is behind the session's end");
    }

    @Test
    void anOffsetMayHaveAUnit() {
        String place = directory.resolve("later").toString();
        Said said = Said.by("import", TRACE.toString(), "-o", place, "--offset", "kineto.json=-1.5ms");
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(firstTs(Path.of(place))).isEqualTo(firstTs(session) - 1_500_000);
    }

    private static long firstTs(Path of) {
        try (Session opened = Session.open(of)) {
            return opened.query("SELECT min(ts) AS ts FROM slice")
                    .integer(0, "ts")
                    .orElseThrow();
        }
    }

    /// What is damaged is the session's own file, whichever copy the database was opened on; it stays as it was.
    @ParameterizedTest
    @ValueSource(strings = {"header", "inside", "cut", "text"})
    void aDamagedSessionIsNotAddedTo(String damage) throws IOException {
        Path database = new SessionLayout(session).database();
        byte[] bytes = Files.readAllBytes(database);
        byte[] broken = switch (damage) {
            case "header" -> overwritten(bytes, 0, 4096);
            case "inside" -> overwritten(bytes, 3 * 4096, bytes.length - 3 * 4096);
            case "cut" -> Arrays.copyOf(bytes, bytes.length / 3);
            default -> "no database".getBytes(StandardCharsets.UTF_8);
        };
        Files.write(database, broken);

        Said said = Said.by(
                "import", GOLDEN.resolve("sglang/sglang.json").toString(), "-o", session.toString(), "--append");

        refused(said, database.toString() + " is damaged", "nothing was added", "--force");
        assertThat(said.err()).doesNotContain(".session.duckdb.");
        assertThat(Files.readAllBytes(database)).isEqualTo(broken);
        try (Stream<Path> left = Files.list(session)) {
            assertThat(left.map(path -> String.valueOf(path.getFileName())))
                    .noneMatch(name -> name.startsWith(".session"));
        }
    }

    private static byte[] overwritten(byte[] bytes, int from, int length) {
        byte[] broken = bytes.clone();
        Arrays.fill(broken, from, from + length, (byte) 0x5a);
        return broken;
    }

    @Test
    void aDirectoryWithoutTracesSaysWhatItHolds() throws IOException {
        Path empty = Files.createDirectory(directory.resolve("empty"));
        importRefused(empty, "empty", "holds no file");
        Files.writeString(empty.resolve("notes.txt"), "dear diary");
        Files.writeString(empty.resolve(".hidden.json"), "[]");
        importRefused(empty, "none of its 1 file is readable", "notes.txt", "chrome-json");
    }

    @Test
    void aDirectoryOfKnownAndUnknownFilesIsReadAndSaysWhatItLeftOut() throws IOException {
        Path mixed = Files.createDirectory(directory.resolve("mixed"));
        Files.copy(TRACE, mixed.resolve("a.json"));
        Files.writeString(mixed.resolve("notes.txt"), "dear diary");
        Files.createSymbolicLink(mixed.resolve("round"), mixed);
        Files.createSymbolicLink(mixed.resolve("nothing"), directory.resolve("gone"));

        Said said = Said.by(
                "import", mixed.toString(), "-o", directory.resolve("out").toString());

        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.out()).contains("unknown_format").contains("notes.txt").contains("link to nothing");
        assertThat(said.out()).contains("sources:").containsOnlyOnce("chrome-json");
    }

    @Test
    void theSameFileTwiceIsRefused() throws IOException {
        String[] again = {"import", TRACE.toString(), "-o", session.toString(), "--append"};
        refused(Said.by(again), "kineto.json", "in the session already", "source 1");
        assertThat(sources()).containsExactly("kineto.json");
        Path place = directory.resolve("twice");
        refused(
                Said.by("import", TRACE.toString(), TRACE.toString(), "-o", place.toString()),
                "kineto.json",
                "given twice");
    }

    @Test
    void aDirectoryThatGrewAddsWhatIsNew() throws IOException {
        Path runs = Files.createDirectory(directory.resolve("runs"));
        Files.copy(TRACE, runs.resolve("a.json"));
        Files.copy(GOLDEN.resolve("sglang/sglang.json"), runs.resolve("b.json"));

        Said said = Said.by("import", runs.toString(), "-o", session.toString(), "--append");

        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.out()).contains("already_imported");
        assertThat(sources()).containsExactly("kineto.json", "b.json");
        refused(Said.by("import", runs.toString(), "-o", session.toString(), "--append"), "in the session already");
    }

    @Test
    void whatStandsThereIsNotOverwritten() throws IOException {
        refused(Said.by("import", TRACE.toString(), "-o", session.toString()), "holds a session already", "--force");
        refused(
                Said.by(
                        "import",
                        TRACE.toString(),
                        "-o",
                        directory.resolve("none").toString(),
                        "--append"),
                "holds no session to add to",
                "--append");
        Path other = Files.createDirectory(directory.resolve("other"));
        Files.writeString(other.resolve("mine.txt"), "mine");
        refused(
                Said.by("import", TRACE.toString(), "-o", other.toString(), "--force"),
                "is not empty and holds no session");
        refused(
                Said.by("import", TRACE.toString(), "-o", session.toString(), "--offset", "kineto.json=abc"),
                "--offset");
        Path fresh = directory.resolve("fresh");
        refused(
                Said.by("import", TRACE.toString(), "-o", fresh.toString(), "--offset", "kinetto.json=3s"),
                "kinetto.json: there is an offset for it, but no input is called so",
                TRACE.toString());
        assertThat(fresh).doesNotExist();
    }

    /// A file's own name must not drive the terminal either.
    @Test
    void namesOfFilesAreHostileToo() throws IOException {
        Said said = Said.by(
                "import",
                file("a\u001b[2J.txt", "x").toString(),
                "-o",
                directory.resolve("n").toString());

        refused(said, "\\x1b");
        assertThat(said.err()).doesNotContain("\u001b");
    }

    @Test
    void aReportGoesWhereItIsWanted() {
        Path page = directory.resolve("mine.html");
        Said said = Said.by("report", session.toString(), "-o", page.toString());
        assertThat(said.code()).isZero();
        assertThat(said.out()).contains("Report: " + page);
        assertThat(page).content().startsWith("<!doctype html>");

        Said nowhere = Said.by("report", session.toString(), "-o", "/proc/x.html");
        assertThat(nowhere.code()).isEqualTo(1);
        assertThat(nowhere.err()).contains("/proc/x.html");
    }
}
