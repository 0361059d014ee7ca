package dev.hourglass.core.report;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A headless browser, driven through its debugging protocol.
final class Chromium implements AutoCloseable {
    private static final int SECONDS = 60;
    /// Pixels between the margins of a sheet: 198 mm.
    private static final int PAPER = 748;

    private final Process process;
    private final WebSocket socket;
    private final Map<Integer, CompletableFuture<Object>> calls = new ConcurrentHashMap<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private volatile CompletableFuture<Void> loaded = new CompletableFuture<>();
    private int lastCall;

    private Chromium(Process process, String page) {
        this.process = process;
        this.socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create(page), new Listener())
                .join();
        for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
            call(domain + ".enable", "{}");
        }
    }

    /// Where the browser is, if there is one.
    static Optional<Path> find() {
        return Stream.of(System.getenv("PATH").split(":"))
                .flatMap(dir -> Stream.of("chromium", "chromium-browser", "google-chrome")
                        .map(n -> Path.of(dir, n)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    static Chromium start(Path binary, Path profile) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        binary.toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--hide-scrollbars",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--remote-debugging-port=0",
                        "--remote-allow-origins=*",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(profile.resolveSibling("chromium.log").toFile())
                .start();
        return new Chromium(process, target(process, profile));
    }

    private static String target(Process process, Path profile) throws IOException, InterruptedException {
        Path active = profile.resolve("DevToolsActivePort");
        for (int i = 0; i < SECONDS * 20; i++) {
            if (Files.exists(active) && Files.readAllLines(active).size() > 1) {
                String list =
                        get("http://127.0.0.1:" + Files.readAllLines(active).getFirst() + "/json/list");
                for (Object page : TestJson.list(TestJson.parse(list))) {
                    if (TestJson.at(page, "type").equals("page")) {
                        return (String) TestJson.at(page, "webSocketDebuggerUrl");
                    }
                }
            }
            if (!process.isAlive()) {
                break;
            }
            Thread.sleep(50);
        }
        process.destroyForcibly();
        throw new IOException("the browser did not open its debugging port: "
                + Files.readString(profile.resolveSibling("chromium.log")));
    }

    private static String get(String uri) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(URI.create(uri)).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    /// Opens a page in a window of the size and waits until it is loaded and drawn.
    void open(Path file, int width, int height, String scheme) {
        open(file, width, height, scheme, "");
    }

    /// Opens a page as it is laid out on A4 within its margins.
    void print(Path file, String scheme) {
        open(file, PAPER, 1_020, scheme, "print");
    }

    private void open(Path file, int width, int height, String scheme, String media) {
        call(
                "Emulation.setDeviceMetricsOverride",
                "{\"width\":" + width + ",\"height\":" + height + ",\"deviceScaleFactor\":1,\"mobile\":false}");
        call(
                "Emulation.setEmulatedMedia",
                "{\"media\":\"" + media + "\",\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\"" + scheme
                        + "\"}]}");
        complaints.clear();
        requests.clear();
        loaded = new CompletableFuture<>();
        call("Page.navigate", "{\"url\":\"" + file.toUri() + "\"}");
        loaded.orTimeout(SECONDS, TimeUnit.SECONDS).join();
        if (!scriptsOff) {
            awaitFrames();
        }
    }

    /// Waits until what has been changed is drawn and its events are told.
    void awaitFrames() {
        evaluate("new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(1))))");
    }

    private boolean scriptsOff;

    void scripts(boolean on) {
        scriptsOff = !on;
        call("Emulation.setScriptExecutionDisabled", "{\"value\":" + !on + "}");
    }

    /// The value of an expression; a promise's is waited for.
    Object evaluate(String expression) {
        Object result = call(
                "Runtime.evaluate",
                "{\"returnByValue\":true,\"awaitPromise\":true,\"expression\":" + quoted(expression) + "}");
        if (TestJson.object(result).containsKey("exceptionDetails")) {
            throw new IllegalStateException(result.toString());
        }
        return TestJson.object(TestJson.at(result, "result")).get("value");
    }

    double number(String expression) {
        return (Double) evaluate(expression);
    }

    String text(String expression) {
        return String.valueOf(evaluate(expression));
    }

    void move(double x, double y) {
        call("Input.dispatchMouseEvent", "{\"type\":\"mouseMoved\",\"x\":" + x + ",\"y\":" + y + "}");
    }

    void press(String key) {
        call("Input.dispatchKeyEvent", "{\"type\":\"keyDown\",\"key\":" + quoted(key) + "}");
        call("Input.dispatchKeyEvent", "{\"type\":\"keyUp\",\"key\":" + quoted(key) + "}");
    }

    byte[] screenshot() {
        return Base64.getDecoder()
                .decode((String) TestJson.at(call("Page.captureScreenshot", "{\"format\":\"png\"}"), "data"));
    }

    /// What the page said on the console, what it threw, what its security policy refused.
    List<String> complaints() {
        return List.copyOf(complaints);
    }

    /// What the page asked for, itself included.
    List<String> requests() {
        return List.copyOf(requests);
    }

    private synchronized Object call(String method, String params) {
        int id = ++lastCall;
        CompletableFuture<Object> answer = new CompletableFuture<>();
        calls.put(id, answer);
        socket.sendText("{\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":" + params + "}", true)
                .join();
        return answer.orTimeout(SECONDS, TimeUnit.SECONDS).join();
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            out.append(c < ' ' || c == '"' || c == '\\' ? String.format("\\u%04x", (int) c) : String.valueOf(c));
        }
        return out.append('"').toString();
    }

    private void receive(String message) {
        Map<String, Object> json = TestJson.object(TestJson.parse(message));
        if (json.get("id") instanceof Double id) {
            CompletableFuture<Object> answer = calls.remove(id.intValue());
            if (answer == null) {
                return;
            }
            if (json.containsKey("error")) {
                answer.completeExceptionally(new IllegalStateException(message));
            } else {
                answer.complete(json.get("result"));
            }
            return;
        }
        switch (String.valueOf(json.get("method"))) {
            case "Page.loadEventFired" -> loaded.complete(null);
            case "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded" -> complaints.add(message);
            case "Network.requestWillBeSent" -> requests.add((String) TestJson.at(json, "params.request.url"));
            default -> {}
        }
    }

    @Override
    public void close() {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.add(process.toHandle());
        socket.sendText("{\"id\":" + ++lastCall + ",\"method\":\"Browser.close\"}", true)
                .join();
        process.onExit().completeOnTimeout(process, 10, TimeUnit.SECONDS).join();
        all.forEach(ProcessHandle::destroyForcibly);
        process.onExit().join();
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder parts = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            parts.append(data);
            if (last) {
                String message = parts.toString();
                parts.setLength(0);
                receive(message);
            }
            webSocket.request(1);
            return null;
        }
    }
}
