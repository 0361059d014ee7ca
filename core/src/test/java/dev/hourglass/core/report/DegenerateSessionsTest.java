package dev.hourglass.core.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.analysis.Explainer;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.document.HtmlReport;
import dev.hourglass.core.document.MarkdownReport;
import dev.hourglass.core.document.Report;
import dev.hourglass.core.document.TextReport;
import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.SqlText;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.text.TerminalWidth;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Sessions in which everything is nothing, equal, once or far too large: a report in every format says so, with no
/// number that is none.
final class DegenerateSessionsTest {
    private static final String NO_NUMBER = "(?s).*(?<![\\w\"'-])-?(NaN|Infinity|∞)(?![\\w\"']).*";

    @TempDir
    private Path directory;

    /// One event of each kind, all with one moment and one length.
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1000, 0",
        "1000, 0.001",
        "1000, 1",
        "-1000, 1",
        "1000, -5",
        "9000000000000000, 1",
        "0, 9000000000000000",
        "9200000000000000, 9200000000000000",
        "-9200000000000000, 0"
    })
    void oneOfEach(String ts, String dur) throws IOException {
        List<String> all = new ArrayList<>();
        for (int kind = 0; kind < KINDS.length; kind++) {
            all.add(event(kind, 0, ts, dur, 1));
        }
        explain(String.join(",", all));
    }

    /// One event alone, which takes no time.
    @Test
    void oneOfOneKind() throws IOException {
        for (int kind = 0; kind < KINDS.length; kind++) {
            explain(event(kind, 0, "1000", "0", 1));
        }
    }

    /// Several at the same moment, with the same length, on as many steps.
    @ParameterizedTest
    @CsvSource({"1, 0", "1, 1", "2, 0", "3, 0", "3, 2", "40, 0"})
    void allAtOnce(int count, String dur) throws IOException {
        List<String> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            for (int kind = 0; kind < KINDS.length; kind++) {
                events.add(event(kind, i, "1000", dur, i + 1));
            }
        }
        explain(String.join(",", events));
    }

    /// Any mixture of moments and lengths, most of them nothing.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void mixed(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        String[] moments = {"0", "1", "1", "2", "-7", "1000", "1000.001", "4000000000000000"};
        String[] lengths = {"0", "0", "0", "0.001", "1", "-1", "1000000", "4000000000000000"};
        List<String> events = new ArrayList<>();
        int most = random.nextInt(1, 30);
        for (int i = 0; i < most; i++) {
            events.add(event(
                    random.nextInt(KINDS.length),
                    i % 4,
                    moments[random.nextInt(moments.length - (seed % 2 == 0 ? 1 : 0))],
                    lengths[random.nextInt(lengths.length - (seed % 2 == 0 ? 1 : 0))],
                    random.nextInt(1, 4)));
        }
        explain(String.join(",", events));
    }

    /// Names of kernels, operators and stages that no compiler wrote: their beginning is shown, and how long they are.
    @Test
    void namesWithoutEnd() throws IOException {
        String endless = "Op".repeat(100_000);
        List<String> events = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            for (int kind = 0; kind < KINDS.length; kind++) {
                events.add(event(kind, i, String.valueOf(1000 + 100 * i + 10 * kind), "5", i + 1)
                        .replace("aten::mm", "aten::" + endless)
                        .replace("\"k", "\"k<" + endless)
                        .replace("\"decode_", "\"my stage " + endless));
            }
        }
        Path session = imported(String.join(",", events));
        rendered(session);
        try (Session opened = Session.open(session)) {
            Report report = SessionReport.of(Explainer.explain(opened), "s");
            assertThat(HtmlReport.render(report)).contains("characters)").doesNotContain("Op".repeat(1_000));
            assertThat(TextReport.full(report, TerminalWidth.plain(100))).doesNotContain("Op".repeat(1_000));
            assertThat(MarkdownReport.render(report)).doesNotContain("Op".repeat(1_000));
        }
    }

    /// Nothing is known of a table's rows but that they are there.
    @Test
    void columnsWithoutValues() throws IOException {
        List<String> events = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            for (int kind = 0; kind < KINDS.length; kind++) {
                events.add(event(kind, i, String.valueOf(1000 + 100 * i + 10 * kind), "5", i + 1));
            }
        }
        String trace = String.join(",", events);
        for (Table table : filled(imported(trace))) {
            Path session = imported(trace);
            forget(session, table);
            rendered(session);
        }
    }

    /// Tables that have rows; the facts of a session are not rows of a trace.
    private static List<Table> filled(Path session) {
        try (TraceStore store = TraceStore.append(new SessionLayout(session).database())) {
            return Tables.all().stream()
                    .filter(table -> store.rows(table) > 0)
                    .filter(table -> !table.name().equals("metadata"))
                    .toList();
        }
    }

    private static void forget(Path session, Table table) {
        try (TraceStore store = TraceStore.append(new SessionLayout(session).database())) {
            store.execute("UPDATE " + SqlText.identifier(table.name()) + " SET "
                    + table.columns().stream()
                            .filter(column -> !column.name().equals("id"))
                            .map(column -> SqlText.identifier(column.name()) + " = NULL")
                            .collect(Collectors.joining(", ")));
        }
    }

    /// A run that was stopped after its first token, or whose tokens took no time.
    @ParameterizedTest
    @CsvSource({"1, 1", "1, 2", "2, 1", "3, 1"})
    void fewTokens(int tokens, int layers) throws IOException {
        Path session = SyntheticDecode.write(directory.resolve("s"), 3, tokens, layers, Map.of());
        rendered(session);
        try (TraceStore store = TraceStore.append(new SessionLayout(session).database())) {
            for (Table table : Tables.all()) {
                if (table.has("dur")) {
                    store.execute("UPDATE " + SqlText.identifier(table.name()) + " SET dur = 0");
                }
            }
        }
        rendered(session);
    }

    @Test
    void nothingIsMeasuredOfARun() throws IOException {
        Path whole = SyntheticDecode.write(directory.resolve("whole"), 3, 2, 1, Map.of());
        for (Table table : filled(whole)) {
            Path session = SyntheticDecode.write(directory.resolve(table.name()), 3, 2, 1, Map.of());
            forget(session, table);
            rendered(session);
        }
    }

    private static final String[] KINDS = {
        "\"cat\": \"kernel\", \"name\": \"k%1$d\", \"pid\": 0, \"tid\": 7, \"args\": {\"device\": 0, \"stream\": 7, \"correlation\": %2$d}",
        "\"cat\": \"kernel\", \"name\": \"ncclDevKernel_AllReduce\", \"pid\": 1, \"tid\": 9, \"args\": {\"device\": 1, \"stream\": 9, \"correlation\": %2$d}",
        "\"cat\": \"gpu_memcpy\", \"name\": \"Memcpy HtoD (Pageable -> Device)\", \"pid\": 0, \"tid\": 7, \"args\": {\"device\": 0, \"stream\": 7, \"bytes\": 0, \"correlation\": %2$d}",
        "\"cat\": \"cuda_runtime\", \"name\": \"cudaLaunchKernel\", \"pid\": 5, \"tid\": 1, \"args\": {\"correlation\": %2$d}",
        "\"cat\": \"cuda_runtime\", \"name\": \"cudaDeviceSynchronize\", \"pid\": 5, \"tid\": 1, \"args\": {\"correlation\": 0}",
        "\"cat\": \"cpu_op\", \"name\": \"aten::mm\", \"pid\": 5, \"tid\": 1, \"args\": {\"Input Dims\": [[0, 0], [0, 0]], \"External id\": %2$d}",
        "\"cat\": \"user_annotation\", \"name\": \"decode_%1$d\", \"pid\": 5, \"tid\": 1, \"args\": {}",
        "\"cat\": \"user_annotation\", \"name\": \"prefill_%1$d\", \"pid\": 5, \"tid\": 1, \"args\": {}",
    };

    private static String event(int kind, int number, String ts, String dur, int correlation) {
        return "{\"ph\": \"X\", \"ts\": " + ts + ", \"dur\": " + dur + ", "
                + String.format(KINDS[kind], number, correlation) + "}\n";
    }

    private void explain(String events) throws IOException {
        rendered(imported(events));
    }

    private Path imported(String events) throws IOException {
        Path session = Files.createTempDirectory(directory, "s");
        Path trace = Files.writeString(session.resolve("trace.json"), "{\"traceEvents\": [" + events + "]}");
        new TraceImport(TraceImport.Options.DEFAULT, bytes -> {})
                .into(List.of(trace), new SessionLayout(session).database());
        return session;
    }

    private static void rendered(Path session) throws IOException {
        try (Session opened = Session.open(session)) {
            Explanation explanation = Explainer.explain(opened);
            Report report = SessionReport.of(explanation, "s");
            assertThat(HtmlReport.render(report))
                    .contains("<svg")
                    .doesNotContainPattern("[=\\s\",](NaN|-?Infinity)[\\s\",]");
            for (String text : List.of(
                    TextReport.full(report, TerminalWidth.plain(100)),
                    TextReport.summary(report, TerminalWidth.plain(100)),
                    MarkdownReport.render(report))) {
                assertThat(text).isNotBlank().doesNotMatch(NO_NUMBER);
            }
            assertThat(TestJson.object(TestJson.parse(ExplanationJson.render(explanation, report))))
                    .isNotEmpty();
        }
    }
}
