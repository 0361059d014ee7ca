package dev.hourglass.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.store.SessionLayout;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Commands that are recorded. They print nothing: their outputs are those of the tests' own process.
@Isolated
class RunCommandTest {
    private static final Path SEGMENTS =
            Path.of("../core/src/test/resources/probe/golden").toAbsolutePath();

    @TempDir
    private Path directory;

    private Said run(String... command) {
        return Said.by(Stream.concat(
                        Stream.of("run", "-o", directory.resolve("session").toString()), Stream.of(command))
                .toArray(String[]::new));
    }

    private Session session() {
        return Session.open(directory.resolve("session"));
    }

    private long number(String query) {
        try (Session session = session()) {
            return session.query(query).integer(0, "n").orElseThrow();
        }
    }

    @ParameterizedTest
    @CsvSource({"exit 0, 0", "exit 3, 3", "kill -9 $$, 137", "kill -TERM $$, 143"})
    void theExitCodeIsTheCommands(String script, int wanted) {
        Said said = run("--", "sh", "-c", script);
        assertThat(said.code()).as(said.err()).isEqualTo(wanted);
        assertThat(said.out()).isEmpty();
        assertThat(said.err()).startsWith("hourglass: session ").contains("Report:  ");
        try (Session session = session()) {
            assertThat(session.query("SELECT value FROM metadata WHERE name = 'run.exit_code'")
                            .text(0, "value", ""))
                    .isEqualTo(Integer.toString(wanted));
            assertThat(session.query("SELECT value FROM metadata WHERE name = 'command'")
                            .text(0, "value", ""))
                    .startsWith("hourglass run ")
                    .endsWith(script);
        }
        assertThat(number("SELECT count(*) AS n FROM core_sample")).isPositive();
    }

    @Test
    void afterItsTimeTheCommandIsAskedToEnd() {
        assertThat(run("--duration", "0.3", "--", "sleep", "60").code()).isEqualTo(130);
    }

    @Test
    void argumentsAreTheCommandsAsTheyStand() {
        String script = "test \"$1\" = '-- x' && test \"$2\" = '@y' && test \"$3\" = -o && test \"$4\" = --help";
        assertThat(run("--", "sh", "-c", script, "sh", "-- x", "@y", "-o", "--help")
                        .code())
                .isZero();
        Said undashed = Said.by(
                "run",
                "-o",
                directory.resolve("other").toString(),
                "sh",
                "-c",
                script,
                "sh",
                "-- x",
                "@y",
                "-o",
                "--help");
        assertThat(undashed.code()).as(undashed.err()).isZero();
    }

    @Test
    void theCommandKnowsWhereItsProbeWrites() {
        String probed = "test -d \"$HOURGLASS_DIR\" && case \"$PYTHONPATH\" in */probe*) ;; *) exit 9;; esac";
        assertThat(run("--", "sh", "-c", probed).code()).isZero();
        assertThat(Said.by(
                                "run",
                                "--no-probe",
                                "-o",
                                directory.resolve("bare").toString(),
                                "--",
                                "sh",
                                "-c",
                                "test -z \"$HOURGLASS_DIR\"")
                        .code())
                .isZero();
    }

    @Test
    void whatItsProcessesWroteDownBecomesTheSession() throws IOException {
        assertThat(run("--", "sh", "-c", "cp \"$1\"/*-424[234]-*.seg \"$HOURGLASS_DIR\"", "sh", SEGMENTS.toString())
                        .code())
                .isZero();
        SessionLayout session = new SessionLayout(directory.resolve("session"));
        assertThat(number("SELECT count(*) AS n FROM step WHERE engine = 'vllm:0'"))
                .isEqualTo(4);
        assertThat(number("SELECT count(*) AS n FROM request")).isEqualTo(3);
        assertThat(session.csv().resolve("batch_utilization.csv")).isNotEmptyFile();
        assertThat(session.reportMarkdown()).content().startsWith("# session\n");
        assertThat(session.probe()).doesNotExist();
        assertThat(session.machineRows()).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({
        "no-such-program-at-all, 127, is not found on PATH",
        "/no/such/program, 127, does not exist",
        "/, 126, is a directory"
    })
    void aCommandThatCannotStartIsOneLine(String program, int wanted, String why) throws IOException {
        Said said = run("--", program);
        assertThat(said.code()).isEqualTo(wanted);
        assertThat(said.err()).contains(program).contains(why).doesNotContain("Exception");
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'', which command?",
        "--duration=-1 -- true, --duration",
        "--disable=kv-cash -- true, did you mean kv-cache?"
    })
    void mistakesAreToldBeforeAnythingStarts(String line, String why) {
        Said said = line.isEmpty() ? run() : run(line.split(" ", -1));
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err().strip().lines()).hasSize(1).first().asString().contains(why);
        assertThat(directory.resolve("session")).doesNotExist();
    }

    @Test
    void recordsOfAnEngineThatOthersStartedAreCollected() throws IOException {
        Path records = Files.createDirectory(directory.resolve("records"));
        for (String name : new String[] {"engine-4243-4343-0.seg", "worker-4244-4344-0.seg"}) {
            Files.copy(SEGMENTS.resolve(name), records.resolve(name));
        }
        Said said = Said.by(
                "collect",
                records.toString(),
                "-o",
                directory.resolve("session").toString());
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(number("SELECT count(*) AS n FROM forward_pass")).isEqualTo(4);
        assertThat(records).isNotEmptyDirectory();
        assertThat(Said.by("collect", directory.resolve("none").toString(), "-o", "x")
                        .err())
                .contains("no directory")
                .contains("probe env --dir");
    }

    @Test
    void aProcessThatRunsAlreadyGoesOn() throws Exception {
        Process other = new ProcessBuilder("sleep", "60").start();
        try {
            Said said = Said.by(
                    "attach",
                    Long.toString(other.pid()),
                    "--duration",
                    "0.3",
                    "-o",
                    directory.resolve("session").toString());
            assertThat(said.code()).as(said.err()).isZero();
            assertThat(other.isAlive()).isTrue();
            assertThat(number("SELECT count(*) AS n FROM core_sample")).isPositive();
            assertThat(number("SELECT count(*) AS n FROM metadata WHERE name = 'attached.pid'"))
                    .isEqualTo(1);
        } finally {
            other.destroyForcibly().waitFor();
        }
        assertThat(Said.by("attach", Long.toString(other.pid())).err()).contains("no process " + other.pid());
    }

    @Test
    void theVariablesThatAreShownSurviveAShell() throws Exception {
        Path odd = directory.resolve("it's a \"$HOME\" place");
        Said said = Said.by("probe", "env", "--dir", odd.toString());
        assertThat(said.code()).isZero();
        Process shell = new ProcessBuilder("sh", "-c", said.out() + "\nprintf %s \"$HOURGLASS_DIR\"").start();
        assertThat(new String(shell.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo(odd.toString());
    }

    /// One server is the engine, the other one is the recording.
    @Test
    void anEngineIsScrapedAndTheRecordingServesItsOwnFigures() throws Exception {
        HttpServer engine = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        engine.createContext("/metrics", exchange -> {
            byte[] text = "vllm:num_requests_running 2\n".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, text.length);
            exchange.getResponseBody().write(text);
            exchange.close();
        });
        engine.start();
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        CompletableFuture<String> figures = CompletableFuture.supplyAsync(() -> figures(free));
        Said said = run(
                "--scrape",
                "127.0.0.1:" + engine.getAddress().getPort(),
                "--scrape-interval",
                "0.2",
                "--metrics-port",
                String.valueOf(free),
                "--",
                "sh",
                "-c",
                "cp " + SEGMENTS + "/*.seg $HOURGLASS_DIR; sleep 3");
        engine.stop(0);

        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.err())
                .contains("hourglass: metrics at http://127.0.0.1:" + free + "/metrics")
                .contains("hourglass: sampling the machine took ");
        assertThat(figures.get(30, TimeUnit.SECONDS))
                .contains("# TYPE hourglass_engine_step_seconds summary")
                .contains("hourglass_engine_step_seconds_count{phase=\"decode\"} 2");
        assertThat(number("SELECT count(*) AS n FROM metric WHERE meaning = 'requests_running' AND value = 2"))
                .isGreaterThan(3);
        // On the clock of everything else that was recorded.
        assertThat(number("SELECT count(*) AS n FROM metric, (SELECT min(ts) AS a, max(ts + dur) AS b FROM core_sample)"
                        + " WHERE ts < a - 5000000000 OR ts > b + 5000000000 OR ts IS NULL"))
                .isZero();
    }

    /// Asks until somebody answers with figures.
    private static String figures(int port) {
        for (int tries = 0; tries < 200; tries++) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.getOutputStream()
                        .write("GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                String text = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (text.contains("phase=\"decode\"")) {
                    return text;
                }
            } catch (IOException notYet) {
                // it has not begun
            }
            LockSupport.parkNanos(50_000_000L);
        }
        return "nobody answered";
    }

    @ParameterizedTest
    @CsvSource({
        "--metrics-port, 70000, --metrics-port is a port",
        "--scrape, https://x/metrics, --scrape takes addresses",
        "--scrape-interval, 0.01, --scrape-interval is at least",
        "--ready-timeout, -1, --ready-timeout is a number"
    })
    void whatCannotBeWatchedIsRefusedBeforeTheCommandStarts(String option, String value, String why) {
        Said said = run(option, value, "--", "sh", "-c", "touch " + directory.resolve("started"));

        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains(why);
        assertThat(directory.resolve("started")).doesNotExist();
    }
}
