package dev.hourglass.core.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.analysis.DecodeProfile;
import dev.hourglass.core.analysis.Explainer;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.Chart;
import dev.hourglass.core.document.Figure;
import dev.hourglass.core.document.HtmlReport;
import dev.hourglass.core.document.JsonReport;
import dev.hourglass.core.document.MarkdownReport;
import dev.hourglass.core.document.Report;
import dev.hourglass.core.document.Section;
import dev.hourglass.core.document.TextReport;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.text.TerminalWidth;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

/// A decode run's report in the formats that need no browser.
///
/// The expected files are in `src/test/resources`; run with `-Dgolden.write=DIR` to write new ones there
/// after a wanted change, and read the difference.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DecodeReportTest {
    private Explanation explained;
    private DecodeProfile profile;
    private Report report;
    private Report hostile;

    @BeforeAll
    void read(@TempDir Path dir) throws Exception {
        explained = explain(SyntheticDecode.write(dir.resolve("s"), 7, 24, 4, Map.of()));
        profile = explained.decode().orElseThrow();
        report = SessionReport.of(explained, "s");
        hostile = report(SyntheticDecode.writeHostile(dir.resolve("h")));
    }

    private static Explanation explain(Path directory) {
        try (Session session = Session.open(directory)) {
            return Explainer.explain(session);
        }
    }

    private static Report report(Path directory) {
        return SessionReport.of(explain(directory), "s");
    }

    @Test
    void theHeadlineNamesTheTimeAndTheNeck() {
        assertThat(report.headline().statement())
                .matches("A token takes [\\d.]+ ms with 4 of 48 layers\\. [\\d.]+ % of it goes to the [a-zA-Z ]+\\.");
        assertThat(report.headline().figures()).extracting(Figure::label).contains("T_token", "Speed");
    }

    @Test
    void theSpeedIsTheInverseOfTheTime() {
        Figure speed = report.headline().figures().get(1);
        assertThat(speed.quantity().value() * profile.tToken().mean()).isCloseTo(1e6, within(1e-6));
    }

    @Test
    void fewerLayersAreSaidAndTheEstimateIsMarked() {
        assertThat(report.headline().notes()).anySatisfy(n -> {
            assertThat(n.title()).isEqualTo("4 of 48 layers ran");
            assertThat(n.text()).contains("estimate");
        });
    }

    @Test
    void aDisturbedRunSaysSoBeforeAnyNumber(@TempDir Path dir) throws Exception {
        Map<String, String> facts = Map.of("contention.level", "severe", "contention.reason", "others used 60 %");
        Report disturbed = report(SyntheticDecode.write(dir.resolve("s"), 7, 4, 2, facts));

        assertThat(disturbed.headline().notes().getFirst().tone()).isEqualTo(Block.Note.Tone.SEVERE);
        String html = HtmlReport.render(disturbed);
        assertThat(html.indexOf("do not trust its numbers")).isBetween(0, html.indexOf("<h1>"));
    }

    @Test
    void aDenseModelHasNoExperts(@TempDir Path dir) throws Exception {
        Path session = SyntheticDecode.write(dir.resolve("s"), 7, 4, 2, Map.of("model.experts", "0"));
        Report dense = report(session);

        assertThat(dense.sections()).extracting(Section::id).doesNotContain("experts");
        assertThat(HtmlReport.render(dense)).contains("Feed-forward").doesNotContain("the experts.");
    }

    @ParameterizedTest
    @CsvSource({"1,1", "2,1", "1,48", "600,1"})
    void anyNumberOfTokensAndLayersCanBeDrawn(int tokens, int layers, @TempDir Path dir) throws Exception {
        Report any = report(SyntheticDecode.write(dir.resolve("s"), 7, tokens, layers, Map.of()));
        MarkdownReport.write(any, dir.resolve("report.md"));

        assertThat(HtmlReport.render(any).length()).isLessThan(1_000_000);
        try (Stream<Path> plots = Files.list(dir.resolve("plots"))) {
            assertThat(plots).allSatisfy(p -> {
                assertThat(xml(Files.readString(p))).isNotNull();
                assertThat(Files.readString(p)).doesNotContain("NaN", "Infinity", "9223372036854775");
            });
        }
    }

    @Test
    void everySectionOfADecodeRunIsThere() {
        assertThat(report.sections())
                .extracting(Section::id)
                .containsExactly(
                        "findings",
                        "questions",
                        "components",
                        "latency",
                        "token",
                        "layers",
                        "experts",
                        "memory",
                        "cores",
                        "counters",
                        "overhead",
                        "unknown",
                        "run");
        assertThat(report.blocks(Block.Question.class).map(Block.Question::id))
                .containsExactly("q1", "q2", "q3", "q4", "q5", "q6", "q7");
    }

    @Test
    void everyQueryOfTheReportRuns(@TempDir Path dir) throws Exception {
        Path session = SyntheticDecode.write(dir.resolve("s"), 7, 4, 2, Map.of());
        Stream<Block.Query> behindAnswers = report.blocks(Block.Question.class).flatMap(q -> q.query().stream());
        List<Block.Query> queries =
                Stream.concat(report.blocks(Block.Query.class), behindAnswers).toList();
        assertThat(queries).hasSizeGreaterThan(12);
        try (Session open = Session.open(session)) {
            assertThat(queries)
                    .allSatisfy(q -> assertThat(open.query(q.sql()).columns())
                            .as(q.title())
                            .isNotEmpty());
        }
    }

    @Test
    void thePartsOfTheBarAddUpToTheToken() {
        Chart.Parts parts = (Chart.Parts) report.blocks(Block.Plot.class)
                .filter(p -> p.id().equals("components"))
                .findFirst()
                .orElseThrow()
                .chart();
        double sum = parts.parts().stream().mapToDouble(Chart.Part::value).sum();
        assertThat(sum).isCloseTo(profile.tToken().mean(), within(1e-6 * sum));
    }

    @Test
    void theTimelineHoldsEveryPieceOnce() {
        Chart.Timeline timeline = new DecodeCharts(profile).timeline();
        long pieces = profile.example().pieces().stream()
                .mapToLong(DecodeProfile.Piece::durNs)
                .sum();
        Chart.Row last = timeline.rows().getLast();
        assertThat(last.spans()).hasSize(profile.example().pieces().size());
        assertThat(last.spans().stream().mapToLong(Chart.Span::durNs).sum()).isEqualTo(pieces);
        assertThat(timeline.rows().getFirst().spans())
                .extracting(Chart.Span::name)
                .containsExactly("layer 0", "layer 1", "layer 2", "layer 3");
    }

    @Test
    void summaryKeepsItsInterface(@TempDir Path dir) throws Exception {
        Object json = summary(dir);
        assertThat(TestJson.object(TestJson.at(json, "t_token_us")))
                .containsOnlyKeys("n", "mean", "stddev", "cv", "min", "p50", "p90", "p99", "max");
        assertThat(TestJson.object(TestJson.at(json, "components_us")).keySet())
                .contains(
                        "t_routing",
                        "t_cpu_computation",
                        "attention",
                        "norm",
                        "lm_head",
                        "sampling",
                        "t_sync",
                        "t_scheduling",
                        "t_pcie_transfer",
                        "t_gpu_kernel_launch",
                        "t_gpu_computation",
                        "remainder");
        assertThat(TestJson.at(json, "components_us.t_sync.exclusive")).isEqualTo(false);
        assertThat(TestJson.object(TestJson.at(json, "components_us.t_pcie_transfer")))
                .containsEntry("status", "not_measured")
                .containsEntry("reason", "this machine has no GPU")
                .doesNotContainKey("mean");
        assertThat(TestJson.list(TestJson.at(json, "questions"))).hasSize(7).allSatisfy(q -> {
            assertThat(TestJson.object(q).keySet()).containsExactly("id", "question", "answer", "status", "evidence");
            assertThat(TestJson.at(q, "status")).isIn("answered", "not_applicable", "not_measured");
        });
        assertThat(TestJson.object(TestJson.at(json, "engine")).keySet()).contains("name", "version", "library");
        assertThat(TestJson.object(TestJson.at(json, "model")))
                .containsEntry("layers", 4.0)
                .containsEntry("layers_full", 48.0)
                .containsKeys("shape", "params", "quantization");
        assertThat(TestJson.object(json).keySet()).contains("machine", "ceilings", "overhead");
    }

    @Test
    void exclusiveComponentsOfTheSummaryAddUp(@TempDir Path dir) throws Exception {
        Object json = summary(dir);
        double sum = 0;
        for (Object c : TestJson.object(TestJson.at(json, "components_us")).values()) {
            boolean counts = Boolean.TRUE.equals(TestJson.object(c).get("exclusive"));
            sum += counts ? (Double) TestJson.object(c).getOrDefault("mean", 0.0) : 0;
        }
        assertThat(sum).isCloseTo((Double) TestJson.at(json, "t_token_us.mean"), within(0.001));
    }

    @Test
    void theIntervalOfTheOverheadHoldsItsEstimate(@TempDir Path dir) throws Exception {
        Object json = summary(dir);
        assertThat((Double) TestJson.at(json, "overhead.percent"))
                .isBetween(
                        (Double) TestJson.at(json, "overhead.ci95.0"), (Double) TestJson.at(json, "overhead.ci95.1"));
    }

    private Object summary(Path dir) throws IOException {
        Path file = dir.resolve("summary.json");
        DecodeSummaryJson.write(explained, profile, file);
        return TestJson.parse(Files.readString(file));
    }

    @Test
    void reportJsonGathersWhatProgramsLookFor(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("report.json");
        JsonReport.write(report, file);
        Object json = TestJson.parse(Files.readString(file));
        assertThat(TestJson.list(TestJson.at(json, "questions"))).hasSize(7);
        assertThat(TestJson.list(TestJson.at(json, "not_measured"))).hasSizeGreaterThanOrEqualTo(4);
        assertThat(TestJson.list(TestJson.at(json, "sections"))).hasSize(13);
        assertThat(TestJson.at(json, "questions.0.evidence_sql").toString()).contains("FROM token");
    }

    @Test
    void hostileNamesStayTextInJson(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("report.json");
        JsonReport.write(hostile, file);
        assertThat(Files.readString(file)).doesNotContain("\u001b");
        assertThat(TestJson.at(TestJson.parse(Files.readString(file)), "context.0"))
                .isEqualTo(SyntheticDecode.HOSTILE);
    }

    @ParameterizedTest
    @ValueSource(ints = {60, 80, 100})
    void terminalTextStaysWithinItsColumnsAndSteersNothing(int columns) {
        TerminalWidth width = TerminalWidth.plain(columns);
        for (Report each : List.of(report, hostile)) {
            for (String text : List.of(TextReport.full(each, width), TextReport.summary(each, width))) {
                assertThat(text.lines()).allMatch(l -> l.length() <= columns);
                assertThat(text).doesNotContainPattern("[\\p{Cntrl}\\p{Cf}&&[^\\n]]");
            }
        }
    }

    @Test
    void terminalTextIsAsExpected() throws Exception {
        golden("decode.txt", TextReport.full(report, TerminalWidth.plain(100)));
        golden("decode-summary.txt", TextReport.summary(report, TerminalWidth.plain(100)));
    }

    @Test
    void markdownIsAsExpected(@TempDir Path dir) throws Exception {
        MarkdownReport.write(report, dir.resolve("report.md"));
        golden("decode.md", Files.readString(dir.resolve("report.md")));
    }

    private static void golden(String name, String actual) throws IOException {
        String directory = System.getProperty("golden.write", "");
        if (!directory.isEmpty()) {
            Files.writeString(Files.createDirectories(Path.of(directory)).resolve(name), actual);
            return;
        }
        try (InputStream in = Objects.requireNonNull(DecodeReportTest.class.getResourceAsStream(name))) {
            assertThat(actual).isEqualTo(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void markdownShowsHostileNamesAsText(@TempDir Path dir) throws Exception {
        MarkdownReport.write(hostile, dir.resolve("report.md"));
        String outsideCode = Files.readString(dir.resolve("report.md")).replaceAll("(?s)```sql.*?```", "");
        assertThat(outsideCode).doesNotContain("<img", "<script", "</script", "<!--");
        assertThat(outsideCode).doesNotContainPattern("[^\\\\]\\]\\(javascript");
        assertThat(outsideCode.lines().filter(l -> l.startsWith("|")))
                .allSatisfy(l -> assertThat(l.replaceAll("\\\\\\|", ""))
                        .as("a row keeps its cells")
                        .endsWith(" |"));
    }

    @Test
    void everyPlotIsAWholeImage(@TempDir Path dir) throws Exception {
        for (Report each : List.of(report, hostile)) {
            MarkdownReport.write(each, dir.resolve("report.md"));
            try (Stream<Path> plots = Files.list(dir.resolve("plots"))) {
                assertThat(plots.toList()).hasSizeGreaterThanOrEqualTo(10).allSatisfy(p -> {
                    Document svg = xml(Files.readString(p));
                    assertThat(svg.getDocumentElement().getTagName()).isEqualTo("svg");
                    assertThat(Double.parseDouble(svg.getDocumentElement().getAttribute("height")))
                            .isGreaterThan(60);
                    assertThat(svg.getElementsByTagName("text").getLength()).isPositive();
                    assertThat(svg.getElementsByTagName("script").getLength()).isZero();
                    assertThat(Files.readString(p))
                            .contains("prefers-color-scheme:dark")
                            .doesNotContain("var(--");
                });
            }
            String markdown = Files.readString(dir.resolve("report.md"));
            assertThat(markdown).contains("](plots/neck.svg)", "](plots/experts.svg)");
        }
    }

    private static Document xml(String text) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(text)));
    }

    @Test
    void theReportIsOneSmallFile() {
        String html = HtmlReport.render(report);
        assertThat(html.length()).isLessThan(1_000_000);
        assertThat(html.replace("http://www.w3.org/2000/svg", "the namespace of the icon"))
                .doesNotContain("http://", "https://")
                .doesNotContainPattern("(?i)<link[^>]+stylesheet");
    }

    @Test
    void aFullDepthReportStaysBelowAMegabyte(@TempDir Path dir) throws Exception {
        Report full = report(SyntheticDecode.write(dir.resolve("s"), 7, 64, 48, Map.of()));
        assertThat(HtmlReport.render(full).length()).isLessThan(1_000_000);
    }

    private static org.assertj.core.data.Offset<Double> within(double offset) {
        return org.assertj.core.data.Offset.offset(offset);
    }
}
