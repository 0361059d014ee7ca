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
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Serves a session's report on loopback, with the recorded trace for Perfetto's viewer.
///
/// Only known paths are served, only to requests for this machine's own name: a page elsewhere cannot
/// read them under another name. A session's report may come from anybody: it runs in a sandbox, without
/// this server's origin and without a network, so it can neither read the trace nor send anything away.
public final class SessionServer implements AutoCloseable {
    private static final String PERFETTO = "https://ui.perfetto.dev";
    private static final String REPORT_POLICY = "sandbox allow-scripts allow-downloads; default-src 'none';"
            + " style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";
    private static final String PERFETTO_POLICY = "default-src 'none'; style-src 'unsafe-inline';"
            + " script-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'";

    private final HttpServer server;
    private final Map<String, Path> files;
    private final Optional<Path> trace;

    private SessionServer(HttpServer server, Map<String, Path> files, Optional<Path> trace) {
        this.server = server;
        this.files = files;
        this.trace = trace;
    }

    /// Begins to serve.
    ///
    /// @param port 0 for any free one
    /// @param files what is served under which path
    /// @param trace the recorded trace, if Perfetto's viewer can read it
    public static SessionServer start(int port, Map<String, Path> files, Optional<Path> trace) throws IOException {
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        SessionServer server = new SessionServer(http, Map.copyOf(files), trace);
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
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String host = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Host"))
                    .orElse("");
            if (!host.matches("(127\\.0\\.0\\.1|localhost|\\[::1\\])(:\\d+)?")) {
                send(exchange, 403, "text/plain", "only for this machine\n");
                return;
            }
            if (!exchange.getRequestMethod().equals("GET")) {
                send(exchange, 405, "text/plain", "only GET\n");
                return;
            }
            String path = String.valueOf(exchange.getRequestURI().getPath());
            Path file = path.equals("/trace") ? trace.orElse(null) : files.get(path);
            exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
            exchange.getResponseHeaders().set("Referrer-Policy", "no-referrer");
            exchange.getResponseHeaders().set("Cross-Origin-Resource-Policy", "same-origin");
            if (file != null && Files.isRegularFile(file)) {
                send(exchange, file, path.equals("/trace"));
            } else if (path.equals("/perfetto") && trace.isPresent()) {
                exchange.getResponseHeaders().set("Content-Security-Policy", PERFETTO_POLICY);
                send(exchange, 200, "text/html; charset=utf-8", perfetto());
            } else {
                send(exchange, 404, "text/plain", "nothing here\n");
            }
        }
    }

    private static void send(HttpExchange exchange, int code, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(code, body.length);
        exchange.getResponseBody().write(body);
    }

    private static void send(HttpExchange exchange, Path file, boolean asDownload) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", asDownload ? "application/octet-stream" : type(file));
        headers.set("Content-Security-Policy", REPORT_POLICY);
        headers.set("Cache-Control", "no-store");
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
