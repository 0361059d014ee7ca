package dev.hourglass.app.live;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/// Serves one text of metrics on loopback, as it is when somebody asks. Each request has a thread of its own and the
/// limits of [SessionServer]; however many ask, the text is made for one at a time.
public final class MetricsServer implements AutoCloseable {
    private static final String PATH = "/metrics";
    private static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final HttpServer server;
    private final ExecutorService threads;
    private final Supplier<String> text;

    private MetricsServer(HttpServer server, ExecutorService threads, Supplier<String> text) {
        this.server = server;
        this.threads = threads;
        this.text = text;
    }

    /// Begins to serve.
    ///
    /// @param port 0 for any free one
    /// @param text asked at each request
    public static MetricsServer start(int port, Supplier<String> text) throws IOException {
        SessionServer.limit();
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        MetricsServer server = new MetricsServer(http, threads, text);
        http.setExecutor(threads);
        http.createContext("/", server::answer);
        http.start();
        return server;
    }

    /// Where it is found.
    public String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + PATH;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!SessionServer.isForThisMachine(exchange)) {
                send(exchange, 403, "only for this machine\n");
            } else if (!exchange.getRequestMethod().equals("GET")) {
                send(exchange, 405, "only GET\n");
            } else if (!PATH.equals(exchange.getRequestURI().getPath())) {
                send(exchange, 404, "nothing here but " + PATH + "\n");
            } else {
                send(exchange, 200, made());
            }
        }
    }

    private synchronized String made() {
        return text.get();
    }

    private static void send(HttpExchange exchange, int code, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", TYPE);
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.sendResponseHeaders(code, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
