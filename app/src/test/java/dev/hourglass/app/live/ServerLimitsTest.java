package dev.hourglass.app.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Who sends half a request, reads no answer or holds many connections keeps nobody else waiting, and is let go. The
/// limits of time are a few seconds here, see the module's build file.
final class ServerLimitsTest {
    private static final int MANY = 40;
    private static final int MORE_THAN_ALL = 150;
    private static final long LARGE = 64L << 20;

    @TempDir
    private Path directory;

    private SessionServer server;
    private int port;
    private final List<Socket> sockets = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        Path report = Files.writeString(directory.resolve("report.html"), "<p>report");
        Path large = directory.resolve("trace.json");
        try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(LARGE);
        }
        server = SessionServer.start(0, path -> Optional.of(report), Optional.of(large));
        port = URI.create(server.address()).getPort();
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "G",
                "GET /report.html HTTP/1.1\r\n",
                "GET /report.html HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ",
                "GET /report.html HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\nabc",
                "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nabc"
            })
    void halfARequestKeepsNobodyWaiting(String begun) throws IOException {
        for (int i = 0; i < MANY; i++) {
            send(begun);
        }
        assertThat(ask()).endsWith("<p>report");
        for (Socket socket : sockets) {
            assertThat(readToEnd(socket)).isLessThan(LARGE);
        }
    }

    @Test
    void whoReadsNothingKeepsNobodyWaiting() throws IOException {
        for (int i = 0; i < MANY; i++) {
            send("GET /trace HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        }
        assertThat(ask()).endsWith("<p>report");
    }

    /// It gets less than the file, because the server does not wait for it.
    @Test
    void whoReadsSlowlyIsLetGo() throws IOException, InterruptedException {
        Socket slow = send("GET /trace HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        long read = 0;
        try {
            byte[] some = new byte[1 << 16];
            for (int n = 0; n >= 0 && read < LARGE; n = slow.getInputStream().read(some)) {
                read += n;
                Thread.sleep(100);
            }
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        }
        assertThat(read).isLessThan(LARGE);
    }

    @Test
    void moreConnectionsThanThereArePlacesAreLetGo() throws IOException, InterruptedException {
        for (int i = 0; i < MORE_THAN_ALL; i++) {
            send("");
        }
        String answer = "";
        for (int attempt = 0; answer.isEmpty() && attempt < 100; attempt++) {
            answer = ask();
            Thread.sleep(100);
        }
        assertThat(answer).endsWith("<p>report");
    }

    @Test
    void aHeadOfMegabytesIsRefused() throws IOException {
        for (String part : List.of("GET /" + "a".repeat(1 << 20), "GET / HTTP/1.1\r\nX: " + "a".repeat(1 << 20))) {
            try {
                assertThat(readToEnd(send(part))).isLessThan(1000);
            } catch (SocketException e) {
                assertThat(e.getMessage()).containsAnyOf("reset", "Broken pipe");
            }
        }
        assertThat(ask()).endsWith("<p>report");
    }

    private Socket send(String text) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        sockets.add(socket);
        socket.setSoTimeout(60_000);
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static long readToEnd(Socket socket) throws IOException {
        long all = 0;
        byte[] some = new byte[1 << 16];
        try (InputStream in = socket.getInputStream()) {
            for (int n = in.read(some); n >= 0; n = in.read(some)) {
                all += n;
            }
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        }
        return all;
    }

    /// The answer to a request; nothing where the connection is refused.
    private String ask() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream()
                    .write("GET /report.html HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (SocketException e) {
            return "";
        }
    }
}
