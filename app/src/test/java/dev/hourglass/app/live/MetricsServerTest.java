package dev.hourglass.app.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MetricsServerTest {
    private static String ask(MetricsServer server, String request) throws IOException {
        URI address = URI.create(server.address());
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            socket.getOutputStream().write((request + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String head(String path, String host) {
        return "GET " + path + " HTTP/1.1\r\nConnection: close\r\nHost: " + host;
    }

    @Test
    void theTextIsMadeWhenSomebodyAsks() throws IOException {
        int[] asked = {0};
        try (MetricsServer server = MetricsServer.start(0, () -> "hourglass_asked " + ++asked[0] + "\n")) {
            assertThat(ask(server, head("/metrics", "127.0.0.1")))
                    .startsWith("HTTP/1.1 200")
                    .containsIgnoringCase("content-type: text/plain; version=0.0.4")
                    .endsWith("hourglass_asked 1\n");
            assertThat(ask(server, head("/metrics", "localhost:9"))).endsWith("hourglass_asked 2\n");
        }
    }

    /// A page elsewhere must not read it under another name, and there is nothing else to find.
    @Test
    void onlyThisMachineGetsOnlyThat() throws IOException {
        try (MetricsServer server = MetricsServer.start(0, () -> "secret")) {
            assertThat(ask(server, head("/metrics", "evil.example"))).startsWith("HTTP/1.1 403").doesNotContain("secret");
            assertThat(ask(server, head("/", "127.0.0.1"))).startsWith("HTTP/1.1 404").doesNotContain("secret");
            assertThat(ask(server, head("/metrics", "127.0.0.1").replace("GET", "POST")))
                    .startsWith("HTTP/1.1 405")
                    .doesNotContain("secret");
            assertThat(URI.create(server.address()).getHost()).isEqualTo("127.0.0.1");
        }
    }
}
