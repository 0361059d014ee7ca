package dev.hourglass.app.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Speaks to the server in raw bytes, as no well-meaning client would.
final class SessionServerTest {
    @TempDir
    private Path directory;

    private SessionServer server;
    private int port;

    @BeforeEach
    void start() throws IOException {
        Path report = Files.writeString(directory.resolve("report.html"), "<p>report");
        Path trace = Files.writeString(directory.resolve("trace.json"), "{\"traceEvents\": []}");
        Files.writeString(directory.resolve("secret.txt"), "secret");
        Path link = Files.createSymbolicLink(directory.resolve("report.md"), directory.resolve("secret.txt"));
        Map<String, Path> files = Map.of("/report.html", report, "/report.md", link);
        server = SessionServer.start(0, path -> Optional.ofNullable(files.get(path)), Optional.of(trace));
        port = URI.create(server.address()).getPort();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void servesTheReportInASandbox() throws IOException {
        String answer = ask("GET", "/report.html", "127.0.0.1:" + port);

        assertThat(answer).startsWith("HTTP/1.1 200").endsWith("<p>report");
        assertThat(answer.toLowerCase(Locale.ROOT))
                .contains("content-security-policy: sandbox allow-scripts")
                .contains("default-src 'none'", "form-action 'none'", "base-uri 'none'", "frame-ancestors 'self'")
                .contains("x-content-type-options: nosniff")
                .doesNotContain("allow-same-origin")
                .doesNotContain("allow-top-navigation")
                .doesNotContain("access-control-allow-origin");
    }

    /// A report in a window of its own could lead to another page: it is shown in a frame of ours alone.
    @Test
    void theReportStandsInAFrame() throws IOException {
        assertThat(ask("GET", "/", "127.0.0.1:" + port))
                .startsWith("HTTP/1.1 200")
                .contains("<iframe src=/report.html", "sandbox='allow-scripts allow-downloads'")
                .containsIgnoringCase("frame-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'");
        assertThat(ask("GET", "/report.html", "127.0.0.1:" + port + "\r\nSec-Fetch-Dest: document"))
                .startsWith("HTTP/1.1 303")
                .containsIgnoringCase("location: /\r\n")
                .doesNotContain("<p>report");
    }

    @Test
    void whatALinkPointsToIsNotServed() throws IOException {
        assertThat(ask("GET", "/report.md", "127.0.0.1:" + port))
                .startsWith("HTTP/1.1 404")
                .doesNotContain("secret");
    }

    /// No page can show the trace's text in a window and read it there.
    @Test
    void theTraceIsADownload() throws IOException {
        assertThat(ask("GET", "/trace", "localhost:" + port))
                .startsWith("HTTP/1.1 200")
                .containsIgnoringCase("content-type: application/octet-stream")
                .containsIgnoringCase("content-disposition: attachment")
                .endsWith("{\"traceEvents\": []}");
    }

    /// A name of the attacker's that points to this machine arrives with its own host.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "evil.example:%d",
                "127.0.0.1.evil.example",
                "localhost.evil",
                "127.0.0.1:80@evil",
                ""
            })
    void anotherHostIsRefused(String host) throws IOException {
        String answer = ask("GET", "/trace", String.format(host, port));

        assertThat(answer).matches("(?s)HTTP/1\\.1 4\\d\\d.*").doesNotContain("traceEvents");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/secret.txt",
                "/../secret.txt",
                "/..%2fsecret.txt",
                "/%2e%2e/secret.txt",
                "/report.html/../secret.txt",
                "//secret.txt",
                "/secret.txt?/report.html",
                "/etc/passwd",
                "/report.html%00",
                "/trace/../../etc/passwd"
            })
    void onlyKnownPathsAreServed(String path) throws IOException {
        assertThat(ask("GET", path, "127.0.0.1:" + port))
                .matches("(?s)HTTP/1\\.1 4\\d\\d.*")
                .doesNotContain("secret\n")
                .doesNotContain("root:");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "HEAD", "TRACE"})
    void nothingButGet(String method) throws IOException {
        assertThat(ask(method, "/", "127.0.0.1:" + port)).startsWith("HTTP/1.1 405");
    }

    @Test
    void listensOnLoopbackAlone() {
        assertThat(server.address()).startsWith("http://127.0.0.1:");
        assertThat(server.isLoopback()).isTrue();
    }

    private String ask(String method, String path, String host) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            String request = method + " " + path + " HTTP/1.1\r\n" + (host.isEmpty() ? "" : "Host: " + host + "\r\n")
                    + "Connection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
