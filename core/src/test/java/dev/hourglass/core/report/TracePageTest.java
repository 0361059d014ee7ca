package dev.hourglass.core.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hourglass.core.analysis.Explainer;
import dev.hourglass.core.document.HtmlReport;
import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.query.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The page of a recorded trace in a real browser. Skipped where none is installed.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TracePageTest {
    private static final String ROWS =
            "[...document.querySelector('.table-tools + .scroll table').tBodies[0].rows].filter(r => r.offsetHeight > 0).length";

    private Path page;
    private Chromium browser;

    @BeforeAll
    void open(@TempDir Path dir) throws Exception {
        Optional<Path> binary = Chromium.find();
        assumeTrue(binary.isPresent(), "no Chromium on the PATH; install it to test the page");
        page = write("sync_eager.json.gz", dir);
        browser = Chromium.start(binary.orElseThrow(), dir.resolve("profile"));
    }

    @AfterAll
    void close() {
        if (browser != null) {
            browser.close();
        }
    }

    private static Path write(String recording, Path dir) throws Exception {
        Path input = Path.of(Objects.requireNonNull(
                        TracePageTest.class.getResource("/dev/hourglass/core/planted/" + recording), recording)
                .toURI());
        Path session = Files.createDirectories(dir.resolve("s"));
        new TraceImport(TraceImport.Options.DEFAULT, bytes -> {})
                .into(List.of(input), session.resolve("session.duckdb"));
        try (Session opened = Session.open(session)) {
            HtmlReport.write(SessionReport.of(Explainer.explain(opened), recording), dir.resolve("trace.html"));
        }
        return dir.resolve("trace.html");
    }

    @ParameterizedTest
    @CsvSource({"1280,light", "1280,dark", "768,light", "390,light", "390,dark"})
    void drawsEveryChartWithoutAComplaintOrARequest(int width, String scheme) throws IOException {
        browser.open(page, width, 900, scheme);

        assertThat(browser.complaints()).isEmpty();
        assertThat(browser.requests()).hasSize(1);
        assertThat(browser.evaluate("[...document.querySelectorAll('figure')].filter(f => "
                        + "![...f.querySelectorAll('svg.plot,canvas')].some(s => { const b = s.getBoundingClientRect();"
                        + " return b.width > 200 && b.height > 40; })).map(f => f.id)"))
                .as("figures in which nothing is drawn")
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .isEmpty();
        assertThat(browser.evaluate(PageTest.WIDER))
                .as("elements that stick out")
                .isEqualTo(List.of());
    }

    /// On paper: light whatever the screen is, how answers were obtained is open, nothing is wider than the sheet.
    @ParameterizedTest
    @ValueSource(strings = {"light", "dark"})
    void isWholeOnPaper(String scheme) {
        browser.print(page, scheme);
        for (String theme : List.of("", "document.documentElement.dataset.theme = 'dark';")) {
            browser.evaluate(theme + "1");
            assertThat(browser.text("getComputedStyle(document.documentElement).getPropertyValue('--paper').trim()"))
                    .isEqualTo("#fff");
            assertThat(browser.text("getComputedStyle(document.body).color")).isEqualTo("rgb(29, 27, 23)");
        }
        assertThat(browser.evaluate("[...document.querySelectorAll('.question details ul')].filter(u =>"
                        + " u.getBoundingClientRect().height < 5).length"))
                .as("answers whose evidence is closed")
                .isEqualTo(0.0);
        assertThat(
                        browser.evaluate(
                                "[...document.querySelectorAll('main *')].filter(e => {"
                                        + " const b = e.getBoundingClientRect(); return b.height > 0 && b.right > innerWidth + 1; })"
                                        + ".slice(0, 8).map(e => e.tagName + ' ' + e.getAttribute('class') + ' ' + e.textContent.slice(0, 30))"))
                .as("what runs off the sheet")
                .isEqualTo(List.of());
    }

    /// The neck is where the glass is narrowest, and that is the part that takes most of the time.
    @Test
    void theLargestPartIsTheNeck() {
        browser.open(page, 1280, 900, "light");

        assertThat(browser.text("document.querySelector('.neck text.strong').textContent"))
                .isEqualTo("After waits");
        assertThat(browser.number("Math.max(...[...document.querySelectorAll('.neck text.num')]"
                        + ".map(t => parseFloat(t.textContent)))"))
                .isEqualTo(browser.number("parseFloat(document.querySelector('.neck text.num.strong').textContent)"));
        assertThat(
                        browser.number(
                                "(() => { const t = [...document.querySelectorAll('.neck text')]"
                                        + ".map(e => e.getBoundingClientRect()); return t.flatMap((a, i) => t.slice(i + 1).filter(b =>"
                                        + " a.left < b.right && b.left < a.right && a.top + 3 < b.bottom && b.top + 3 < a.bottom)).length; })()"))
                .as("labels that overlap")
                .isZero();
    }

    @Test
    void aFindingIsACardThatTellsItsSeverity() {
        browser.open(page, 1280, 900, "light");

        assertThat(browser.text("document.querySelector('.finding .severity').textContent"))
                .isEqualTo("warning");
        assertThat(browser.text("document.querySelector('.finding .bound').textContent"))
                .isEqualTo("sync");
        assertThat(browser.text("getComputedStyle(document.querySelector('.finding')).borderLeftWidth"))
                .isEqualTo("4px");
        assertThat(browser.text("getComputedStyle(document.querySelector('.finding')).backgroundColor"))
                .isNotEqualTo(browser.text("getComputedStyle(document.body).backgroundColor"));
        assertThat(browser.number("document.querySelectorAll('.finding details pre').length"))
                .isEqualTo(browser.number("document.querySelectorAll('.finding').length"));
    }

    @Test
    void theFlameGraphAndTheRoofHaveTheirFramesAndPoints() {
        browser.open(page, 1280, 900, "light");

        assertThat(browser.text("document.querySelector('#plot-flame svg.wide [data-tip]').dataset.tip"))
                .startsWith("a typical decode step");
        assertThat(browser.number("document.querySelectorAll('#plot-flame svg.wide rect').length"))
                .isGreaterThan(8);
        assertThat(browser.number("document.querySelectorAll('#plot-roofline svg.wide circle').length"))
                .isPositive();
        assertThat(browser.evaluate(
                        "(() => { const roof = [...document.querySelectorAll('#plot-roofline svg.wide .limit')]"
                                + "[1].getBoundingClientRect().top; return [...document.querySelectorAll("
                                + "'#plot-roofline svg.wide circle')].every(c => { const b = c.getBoundingClientRect();"
                                + " return b.top + b.height / 2 >= roof; }); })()"))
                .as("no product is above the roof")
                .isEqualTo(true);
    }

    /// By pointer and by keyboard alike; what was asked for fills the width, Escape shows all again.
    @Test
    void theFlameGraphZooms() {
        browser.open(page, 1280, 900, "light");
        String widest =
                "Math.max(...[...document.querySelectorAll('.flame rect')].filter(r => +r.getAttribute('y') > 40)"
                        + ".map(r => +r.getAttribute('width')))";
        double whole = browser.number("+document.querySelector('.flame rect').getAttribute('width')");
        double before = browser.number(widest);
        assertThat(before).isLessThan(whole * 0.95);

        browser.evaluate("(() => { const all = [...document.querySelectorAll('.flame rect')].filter(r =>"
                + " +r.getAttribute('y') > 40); all.sort((a, b) => a.getAttribute('width') - b.getAttribute('width'));"
                + " all[0].dispatchEvent(new MouseEvent('click', {bubbles: true})); })()");
        assertThat(browser.number(widest)).isGreaterThan(whole * 0.99);
        assertThat(browser.text("document.querySelector('.flame .timeline-details').textContent"))
                .contains("of the step's device time");

        browser.evaluate(key("Escape"));
        assertThat(browser.number(widest)).isEqualTo(before);
        browser.evaluate(key("ArrowDown"));
        browser.evaluate(key("ArrowDown"));
        browser.evaluate(key("Enter"));
        assertThat(browser.number(widest)).isGreaterThan(whole * 0.99);
        assertThat(browser.number("document.querySelectorAll('.flame rect.current').length"))
                .isEqualTo(1);
        browser.evaluate("document.querySelector('.flame button').click()");
        assertThat(browser.number(widest)).isEqualTo(before);
    }

    private static String key(String name) {
        return "document.querySelector('.flame-plot').dispatchEvent(new KeyboardEvent('keydown', {key: '" + name
                + "'}))";
    }

    @Test
    void longTablesOpenAndFilter() {
        browser.open(page, 1280, 900, "light");
        assertThat(browser.number(ROWS)).isEqualTo(12);

        browser.evaluate("document.querySelector('.more').click()");
        double all = browser.number(ROWS);
        assertThat(all).isGreaterThanOrEqualTo(20);

        browser.evaluate("(() => { const f = document.querySelector('.table-tools input');"
                + " f.value = 'nothing is called so'; f.dispatchEvent(new Event('input')); })()");
        assertThat(browser.number(ROWS)).isZero();
        assertThat(browser.text("document.querySelector('.table-tools span').textContent"))
                .isEqualTo("0 of " + (long) all);
    }

    @Test
    void theTimelineHoldsTheWholeRecordingAndFindsSpans() {
        browser.open(page, 1280, 900, "light");
        browser.evaluate("(() => { const f = document.querySelector('.timeline input'); f.value = 'StreamSynchronize';"
                + " f.dispatchEvent(new Event('input'));"
                + " f.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter'})); })()");

        assertThat(browser.text("document.querySelector('.timeline-details').textContent"))
                .contains("cudaStreamSynchronize", "ns)");
        assertThat(browser.text("document.querySelector('#timeline h2').textContent"))
                .isEqualTo("Timeline");
    }
}
