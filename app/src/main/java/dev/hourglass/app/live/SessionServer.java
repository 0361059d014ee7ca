package dev.hourglass.app.live;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Serves a session's report on loopback, with the recorded trace for Perfetto's viewer.
///
/// Only known paths are served, only to requests for this machine's own name: a page elsewhere cannot
/// read them under another name. A session's report may come from anybody: it stands in a frame of this server's own
/// page and runs in a sandbox, without this server's origin and without a network, so it can neither read the trace
/// nor send anything away, and it leads to no other page.
///
/// Each request has a thread of its own, and limits of time and size: who sends half a request, or reads no answer,
/// keeps nobody else waiting.
public final class SessionServer implements AutoCloseable {
    private static final String PERFETTO = "https://ui.perfetto.dev";
    private static final String FENCE = "; form-action 'none'; base-uri 'none'; frame-ancestors ";
    private static final String REPORT_POLICY = "sandbox allow-scripts allow-downloads; default-src 'none';"
            + " style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; webrtc 'block'" + FENCE
            + "'self'";
    private static final String FRAME_POLICY =
            "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'" + FENCE + "'none'";
    private static final String PERFETTO_POLICY = "default-src 'none'; style-src 'unsafe-inline';"
            + " script-src 'unsafe-inline'; connect-src 'self'" + FENCE + "'none'";
    /// A frame may go where its page lets it: what is shown in this one stays on this server.
    private static final String FRAME =
            "<!doctype html><html lang=en><meta charset=utf-8><title>Hourglass report</title>"
                    + "<style>html,body{margin:0;height:100%}iframe{display:block;border:0;width:100%;height:100%}</style>"
                    + "<iframe src=/report.html title=Report sandbox='allow-scripts allow-downloads' allow=clipboard-write></iframe>";

    /// What the server of the Java runtime reads once, when the first server is made: times in seconds, sizes in
    /// bytes. Whoever starts the process may have set another value.
    private static final Map<String, Integer> LIMITS = Map.of(
            "sun.net.httpserver.maxReqTime", 10,
            "sun.net.httpserver.maxRspTime", 120,
            "sun.net.httpserver.idleInterval", 10,
            "sun.net.httpserver.maxReqHeaders", 64,
            "sun.net.httpserver.maxReqHeaderSize", 1 << 14,
            "sun.net.httpserver.drainAmount", 1 << 12,
            "jdk.httpserver.maxConnections", 64);

    /// Sets them, before the first server is made.
    static void limit() {
        LIMITS.forEach((name, value) -> {
            if (System.getProperty(name) == null) {
                System.setProperty(name, value.toString());
            }
        });
    }

    /// What is served.
    @FunctionalInterface
    public interface Content {
        /// The file of a path, as it is now; empty where there is none.
        ///
        /// @throws IOException if it cannot be made now
        Optional<Path> find(String path) throws IOException;
    }

    private final HttpServer server;
    private final ExecutorService threads;
    private final Content content;
    private final Optional<Path> trace;

    private SessionServer(HttpServer server, ExecutorService threads, Content content, Optional<Path> trace) {
        this.server = server;
        this.threads = threads;
        this.content = content;
        this.trace = trace;
    }

    /// Begins to serve.
    ///
    /// @param port 0 for any free one
    /// @param content what is served under which path
    /// @param trace the recorded trace, if Perfetto's viewer can read it
    public static SessionServer start(int port, Content content, Optional<Path> trace) throws IOException {
        limit();
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        SessionServer server = new SessionServer(http, threads, content, trace);
        http.setExecutor(threads);
        http.createContext("/", server::answer);
        http.start();
        return server;
    }

    /// Where it is found.
    public String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    }

    /// Whether only this machine can reach it.
    boolean isLoopback() {
        return server.getAddress().getAddress().isLoopbackAddress();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!isForThisMachine(exchange)) {
                send(exchange, 403, "text/plain", "only for this machine\n");
                return;
            }
            if (!exchange.getRequestMethod().equals("GET")) {
                send(exchange, 405, "text/plain", "only GET\n");
                return;
            }
            Headers headers = exchange.getResponseHeaders();
            headers.set("X-Content-Type-Options", "nosniff");
            headers.set("Referrer-Policy", "no-referrer");
            headers.set("Cross-Origin-Resource-Policy", "same-origin");
            headers.set("X-DNS-Prefetch-Control", "off");
            headers.set("Cache-Control", "no-store");
            answer(exchange, String.valueOf(exchange.getRequestURI().getPath()));
        }
    }

    /// Whether it was asked under this machine's own name.
    static boolean isForThisMachine(HttpExchange exchange) {
        return Optional.ofNullable(exchange.getRequestHeaders().getFirst("Host"))
                .orElse("")
                .matches("(127\\.0\\.0\\.1|localhost|\\[::1\\])(:\\d+)?");
    }

    private void answer(HttpExchange exchange, String path) throws IOException {
        if (path.equals("/")) {
            page(exchange, FRAME_POLICY, FRAME);
        } else if (path.equals("/perfetto") && trace.isPresent()) {
            page(exchange, PERFETTO_POLICY, perfetto());
        } else if (path.equals("/trace") && trace.filter(Files::isRegularFile).isPresent()) {
            send(exchange, trace.get(), true);
        } else if (path.equals("/report.html") && isWindow(exchange)) {
            exchange.getResponseHeaders().set("Location", "/");
            send(exchange, 303, "text/plain", "see /\n");
        } else {
            found(exchange, path);
        }
    }

    /// Whether the browser wants the report for a window of its own, in which it could lead elsewhere.
    private static boolean isWindow(HttpExchange exchange) {
        return "document".equals(exchange.getRequestHeaders().getFirst("Sec-Fetch-Dest"));
    }

    private void found(HttpExchange exchange, String path) throws IOException {
        Optional<Path> file;
        try {
            file = content.find(path).filter(found -> Files.isRegularFile(found, LinkOption.NOFOLLOW_LINKS));
        } catch (IOException | RuntimeException e) {
            send(exchange, 503, "text/plain; charset=utf-8", "the report cannot be made now: " + e.getMessage() + "\n");
            return;
        }
        if (file.isPresent()) {
            send(exchange, file.get(), false);
        } else {
            send(exchange, 404, "text/plain", "nothing here\n");
        }
    }

    private static void page(HttpExchange exchange, String policy, String text) throws IOException {
        exchange.getResponseHeaders().set("Content-Security-Policy", policy);
        send(exchange, 200, "text/html; charset=utf-8", text);
    }

    private static void send(HttpExchange exchange, int code, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        boolean headOnly = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(code, headOnly ? -1 : body.length);
        if (!headOnly) {
            exchange.getResponseBody().write(body);
        }
    }

    private static void send(HttpExchange exchange, Path file, boolean asDownload) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", asDownload ? "application/octet-stream" : type(file));
        headers.set("Content-Security-Policy", REPORT_POLICY);
        if (asDownload) {
            headers.set("Content-Disposition", "attachment");
        }
        exchange.sendResponseHeaders(200, Files.size(file));
        try (InputStream in = Files.newInputStream(file);
                OutputStream out = exchange.getResponseBody()) {
            in.transferTo(out);
        }
    }

    private static String type(Path file) {
        String name = String.valueOf(file.getFileName());
        if (name.endsWith(".html")) {
            return "text/html; charset=utf-8";
        }
        return name.endsWith(".json") ? "application/json" : "text/plain; charset=utf-8";
    }

    /// Opens the viewer in a new window and hands it the trace; the trace goes from this machine to the
    /// viewer's page in the same browser and nowhere else.
    private static String perfetto() {
        return "<!doctype html><meta charset=utf-8><title>Open in Perfetto</title>"
                + "<style>body{font:16px system-ui;margin:3em;max-width:40em}</style>"
                + "<p><button id=b>Open the trace in Perfetto</button> <span id=s></span></p>"
                + "<p>The trace is handed to the page at ui.perfetto.dev inside this browser; it is not uploaded.</p>"
                + "<script>const P='" + PERFETTO + "',s=document.getElementById('s');"
                + "document.getElementById('b').onclick=async()=>{const w=window.open(P);s.textContent='reading…';"
                + "const d=await (await fetch('/trace')).arrayBuffer();"
                + "const t=setInterval(()=>w.postMessage('PING',P),50);"
                + "addEventListener('message',e=>{if(e.origin!==P||e.data!=='PONG')return;clearInterval(t);"
                + "w.postMessage({perfetto:{buffer:d,title:'Hourglass session'}},P);s.textContent='opened'});};</script>";
    }
}
