package dev.hourglass.app.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A report that wants to lead elsewhere, in a real browser. Skipped where none is installed (Debian:
/// `apt-get install chromium`).
final class HostileReportTest {
    @TempDir
    private Path directory;

    private HttpServer elsewhere;
    private final List<String> reached = new CopyOnWriteArrayList<>();

    @BeforeEach
    void listenElsewhere() throws IOException {
        elsewhere = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        elsewhere.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        elsewhere.createContext("/", exchange -> {
            reached.add(String.valueOf(exchange.getRequestURI()));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        elsewhere.start();
    }

    @AfterEach
    void stop() {
        elsewhere.stop(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<a id=a href='%s'>x</a><script>document.getElementById('a').click()</script>",
                "<a id=a href='%s' target=_top>x</a><script>document.getElementById('a').click()</script>",
                "<a id=a href='%s' target=_blank>x</a><script>document.getElementById('a').click()</script>",
                "<meta http-equiv=refresh content='0;url=%s'>",
                "<script>location='%s'</script>",
                "<script>try{top.location='%s'}catch(e){}</script>",
                "<script>window.open('%s')</script>",
                "<form id=f action='%s'><input name=a></form><script>document.getElementById('f').submit()</script>",
                "<base href='%s'><img src=x><iframe src=x></iframe>",
                "<iframe src='%s'></iframe><object data='%s'></object><img src='%s'>",
                "<link rel=prefetch href='%s'><link rel=stylesheet href='%s'><script src='%s'></script>",
                "<script>fetch('%s').catch(()=>0);navigator.sendBeacon('%s');new Image().src='%s'</script>"
            })
    void leadsNowhere(String trick) throws Exception {
        String target = "http://127.0.0.1:" + elsewhere.getAddress().getPort() + "/x";
        Path report = Files.writeString(
                directory.resolve("report.html"), "<!doctype html><p>report" + trick.replace("%s", target));
        try (SessionServer server = SessionServer.start(
                0, path -> Optional.of(report).filter(_ -> path.equals("/report.html")), Optional.empty())) {
            browse(server.address());
            assertThat(reached).isEmpty();
            browse(server.address() + "report.html");
            assertThat(reached).isEmpty();
        }
    }

    /// Else nothing could lead there anyway.
    @Test
    void theBrowserReachesElsewhere() throws Exception {
        browse("http://127.0.0.1:" + elsewhere.getAddress().getPort() + "/control");
        assertThat(reached).contains("/control");
    }

    private void browse(String address) throws IOException, InterruptedException {
        Optional<Path> binary = Stream.of(System.getenv("PATH").split(":"))
                .flatMap(dir -> Stream.of("chromium", "chromium-browser", "google-chrome")
                        .map(n -> Path.of(dir, n)))
                .filter(Files::isExecutable)
                .findFirst();
        assumeTrue(binary.isPresent(), "no Chromium on the PATH; install it to test the page");
        List<String> command = new ArrayList<>(List.of(
                binary.get().toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--user-data-dir=" + directory.resolve("profile"),
                "--virtual-time-budget=3000",
                "--dump-dom",
                address));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .redirectOutput(directory.resolve("dom.html").toFile())
                .start();
        try {
            assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
