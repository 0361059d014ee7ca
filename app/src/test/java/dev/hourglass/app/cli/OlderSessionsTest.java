package dev.hourglass.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.query.Session;
import dev.hourglass.core.store.SessionLayout;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/// Every verb takes sessions of every earlier version, where something can be written and where nothing can.
final class OlderSessionsTest {
    private static final Path STORED = Path.of("../core/src/test/resources/sessions");
    private static final String MODEL = "../benchmarks/model-oracle/configs/llama-3.1-8b.json";

    @TempDir
    private Path directory;

    private SessionLayout unpack(String name, boolean writable) throws IOException {
        SessionLayout session = new SessionLayout(Files.createDirectory(directory.resolve("session")));
        try (InputStream in = new GZIPInputStream(Files.newInputStream(STORED.resolve(name + ".duckdb.gz")))) {
            Files.copy(in, session.database());
        }
        if (!writable) {
            Files.createDirectory(session.directory().resolve(".lock")); // nobody can take the lock
        }
        return session;
    }

    private static Said done(String... words) {
        Said said = Said.by(words);
        assertThat(said.code()).as(String.join(" ", words) + "\n" + said.err()).isZero();
        assertThat(said.err()).doesNotContain("Error");
        return said;
    }

    @ParameterizedTest
    @ValueSource(strings = {"v0/decode", "v0/trace", "v1/first", "v1/trace", "v1/decode"})
    void everyVerbReadsThem(String name) throws IOException {
        SessionLayout layout = unpack(name, false);
        byte[] before = Files.readAllBytes(layout.database());
        String session = layout.directory().toString();

        assertThat(done("info", session).out()).contains("empty:", "op_cost");
        done("sql", session, "SELECT count(*) FROM expert_weight; SELECT * FROM stage_time; SELECT * FROM gpu_gap");
        done("analyze", session);
        assertThat(done("report", session).out()).contains("not kept");
        done("compare", session, session);
        done(
                "export",
                session,
                "--format",
                "csv",
                "-o",
                directory.resolve("csv").toString());
        done(
                "export",
                session,
                "--format",
                "perfetto-json",
                "-o",
                directory.resolve("x.json").toString());
        Said mfu = Said.by(
                "mfu",
                session,
                "--model",
                MODEL,
                "--device",
                "h100-sxm",
                "--batch",
                "1",
                "--prompt",
                "512",
                "--context",
                "512");
        assertThat(mfu.err()).doesNotContain("Error");
        if (name.endsWith("decode")) {
            assertThat(mfu.err()).contains("layers");
        } else {
            assertThat(mfu.err()).contains("are not kept");
            assertThat(mfu.code()).isZero();
        }
        assertThat(Files.readAllBytes(layout.database())).isEqualTo(before);
        try (Stream<Path> files = Files.list(layout.directory())) {
            assertThat(files).hasSize(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v0/trace", "v1/first", "v1/trace"})
    void costsAndInputsAreAddedToThem(String name) throws IOException {
        String session = unpack(name, true).directory().toString();
        Path more = Files.writeString(
                directory.resolve("more.json"),
                "{\"traceEvents\": [{\"ph\":\"X\",\"name\":\"added\",\"pid\":1,\"tid\":1,\"ts\":1,\"dur\":2}]}");
        done(
                "mfu",
                session,
                "--model",
                MODEL,
                "--device",
                "h100-sxm",
                "--batch",
                "1",
                "--prompt",
                "512",
                "--context",
                "512");
        done("import", more.toString(), "-o", session, "--append");
        try (Session opened = Session.open(Path.of(session))) {
            assertThat(count(opened, "op_cost")).isPositive();
            assertThat(count(opened, "slice WHERE name = 'added'")).isEqualTo(1);
        }
        assertThat(done("info", session).out()).containsPattern("session.version +2");
        done(
                "report",
                session,
                "--model",
                MODEL,
                "--device",
                "h100-sxm",
                "--batch",
                "1",
                "--prompt",
                "512",
                "--context",
                "512");
    }

    private static long count(Session session, String rows) {
        return session.query("SELECT count(*) AS n FROM " + rows)
                .integer(0, "n")
                .orElse(-1);
    }

    /// `open` of a session without its page writes that of its kind.
    @Test
    void openWritesThePageOfADecodeRun() throws Exception {
        SessionLayout session = unpack("v1/decode", true);
        Thread open = Thread.ofPlatform()
                .start(() -> new CommandLine(new OpenCommand())
                        .execute(session.directory().toString()));
        while (!Files.exists(session.metadata()) && open.isAlive()) {
            Thread.sleep(20);
        }
        open.interrupt();
        open.join();
        assertThat(session.reportMarkdown()).content().startsWith("# Decode of");
        assertThat(session.summary()).isNotEmptyFile();
    }
}
