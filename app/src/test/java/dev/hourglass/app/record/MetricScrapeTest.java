package dev.hourglass.app.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.trace.EventBatch;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Engines that answer as they should, and servers that do what they can to disturb a recording.
class MetricScrapeTest {
    private static final String METRICS = """
            # HELP vllm:num_requests_running Number of requests in model execution batches.
            # TYPE vllm:num_requests_running gauge
            vllm:num_requests_running{engine="0",model_name="M"} 3.0
            # TYPE vllm:generation_tokens counter
            vllm:generation_tokens_total{engine="0",model_name="M"} 17.0
            """;

    private final List<EventBatch> batches = new ArrayList<>();
    private ServerSocket server;
    private long now = 7_000_000_123L;

    /// What a server does with a connection.
    private interface Deed {
        void answer(OutputStream out) throws IOException, InterruptedException;
    }

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void end() throws IOException {
        server.close();
    }

    private URI serve(Deed deed) {
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try (Socket connection = server.accept()) {
                    deed.answer(connection.getOutputStream());
                } catch (IOException | InterruptedException over) {
                    // the client has gone, or the test is over
                }
            }
        });
        return URI.create("http://127.0.0.1:" + server.getLocalPort() + "/metrics");
    }

    private static Deed text(String head, String body) {
        return out -> out.write((head + "\r\n\r\n" + body).getBytes(StandardCharsets.UTF_8));
    }

    private MetricScrape scrape(URI address) {
        return new MetricScrape(List.of(address), Optional.empty(), () -> now);
    }

    private List<String> rows(String table, String... columns) {
        List<String> rows = new ArrayList<>();
        for (EventBatch batch : batches) {
            for (int row = 0; batch.table().name().equals(table) && row < batch.size(); row++) {
                StringBuilder line = new StringBuilder();
                for (String column : columns) {
                    int c = batch.table().indexOf(column);
                    line.append(line.isEmpty() ? "" : " ")
                            .append(
                                    switch (batch.table().columns().get(c).type()) {
                                        case LONG, BOOLEAN ->
                                            batch.isNull(c, row) ? "NULL" : String.valueOf(batch.longs(c)[row]);
                                        case DOUBLE -> String.valueOf(batch.doubles(c)[row]);
                                        case TEXT -> new String(batch.texts(c)[row], StandardCharsets.UTF_8);
                                    });
                }
                rows.add(line.toString());
            }
        }
        return rows;
    }

    @Test
    void snapshotsAreOnTheRunsClock() {
        MetricScrape scrape = scrape(serve(text("HTTP/1.1 200 OK\r\nContent-Type: text/plain", METRICS)));
        scrape.sample(batches::add);
        now += 5_000_000_000L;
        scrape.sample(batches::add);

        assertThat(rows("metric", "ts", "snapshot", "name", "value", "type", "engine", "meaning", "source_id"))
                .containsExactly(
                        "7000000123 0 vllm:num_requests_running 3.0 gauge vllm requests_running 1000000",
                        "7000000123 0 vllm:generation_tokens_total 17.0 counter vllm output_tokens 1000000",
                        "12000000123 1 vllm:num_requests_running 3.0 gauge vllm requests_running 1000000",
                        "12000000123 1 vllm:generation_tokens_total 17.0 counter vllm output_tokens 1000000");
        batches.clear();
        scrape.finish(batches::add);
        assertThat(rows("source", "id", "format", "events")).containsExactly("1000000 prometheus 4");
        assertThat(rows("metadata", "name", "value").getFirst()).endsWith("2 snapshots, 0 without an answer");
    }

    @Test
    void nobodyThereIsSaidAndNoError() throws IOException {
        int port = server.getLocalPort();
        server.close();
        MetricScrape scrape = scrape(URI.create("http://127.0.0.1:" + port + "/metrics"));
        scrape.sample(batches::add);
        scrape.sample(batches::add);
        scrape.finish(batches::add);

        assertThat(rows("metric", "name")).isEmpty();
        assertThat(rows("metadata", "value"))
                .singleElement()
                .asString()
                .contains("not measured, because Connection refused (2 tries)");
    }

    @Test
    void chunksOfAServerThatKeepsNoRulesAreJoined() throws IOException {
        URI address =
                serve(text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", "3;x=y\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"));

        assertThat(BoundedGet.text(address, Duration.ofSeconds(5))).asString().isEqualTo("abcdefg");
    }

    @Test
    void aRedirectionIsNotFollowed() {
        URI address = serve(text("HTTP/1.1 302 Found\r\nLocation: http://example.com/", ""));

        assertThatThrownBy(() -> BoundedGet.text(address, Duration.ofSeconds(5)))
                .isInstanceOf(IOException.class)
                .hasMessage("it answers with code 302");
    }

    @Test
    void whatIsNoHttpIsAReason() {
        URI address = serve(text("SSH-2.0-OpenSSH_9.6", ""));

        assertThatThrownBy(() -> BoundedGet.text(address, Duration.ofSeconds(5)))
                .hasMessage("the answer is no HTTP");
    }

    /// A byte now and then keeps a connection that only waits for the next one open for ever.
    @Test
    void whoSendsAByteNowAndThenIsLeft() {
        int all = 600;
        AtomicInteger sent = new AtomicInteger();
        URI address = serve(out -> {
            out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            while (sent.get() < all) {
                out.write('#');
                out.flush();
                sent.incrementAndGet();
                Thread.sleep(50);
            }
        });

        assertThatThrownBy(() -> BoundedGet.text(address, Duration.ofMillis(400)))
                .hasMessage("no answer within 400 ms");
        assertThat(sent).as("bytes that were waited for").hasValueLessThan(all);
    }

    @Test
    void anAnswerWithoutEndIsCut() {
        URI address = serve(out -> {
            out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            byte[] portion = new byte[1 << 16];
            while (true) {
                out.write(portion);
            }
        });

        assertThatThrownBy(() -> BoundedGet.text(address, Duration.ofSeconds(60)))
                .hasMessage("the answer is larger than 16777216 bytes");
    }

    /// Lines that are no metric are counted; the rest is kept, and the times of the server's clock are not.
    @Test
    void aHostileTextIsCountedAndPlacedOnTheRunsClock() {
        URI address = serve(text(
                "HTTP/1.0 200 OK",
                "# scraped_at 1\nvllm:num_requests_running 1 1795303224000\n\u001b]0;x\u0007 {{{ 5\n"
                        + "vllm:num_requests_waiting 2\n# EOF\n"));
        MetricScrape scrape = scrape(address);
        scrape.sample(batches::add);

        assertThat(rows("metric", "name", "value"))
                .containsExactly("vllm:num_requests_running 1.0", "vllm:num_requests_waiting 2.0");
        assertThat(rows("metric", "ts")).containsOnly("7000000123");
        batches.clear();
        scrape.finish(batches::add);
        assertThat(rows("import_stat", "kind", "severity", "count")).containsExactly("damaged_line data_loss 1");
    }

    @Test
    void anEngineWhoseMetricsCannotBeScrapedSaysWhy() {
        new MetricScrape(List.of(), Optional.of("it listens on a socket file"), () -> now).finish(batches::add);

        assertThat(rows("metadata", "name", "value"))
                .containsExactly("scrape.0 not measured, because it listens on a socket file");
    }
}
