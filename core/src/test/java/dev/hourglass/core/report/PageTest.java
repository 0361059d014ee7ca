package dev.hourglass.core.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hourglass.core.analysis.Explainer;
import dev.hourglass.core.document.HtmlReport;
import dev.hourglass.core.query.Session;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The report page in a real browser. Skipped where none is installed (Debian: `apt-get install chromium`).
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PageTest {
    /// What is wider than the window, outside of what scrolls by itself; nothing if the page does not scroll sideways.
    static final String WIDER = """
            document.documentElement.scrollWidth <= innerWidth ? [] : [...document.body.querySelectorAll('*')]
              .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll,pre,nav'))
              .slice(0, 8).map(e => e.tagName + '.' + e.getAttribute('class') + ' ' + e.textContent.slice(0, 30))
            """;

    private static final int TABLET = 768;
    private static final int SCREEN = 1280;

    private Path page;
    private Path hostile;
    private Chromium browser;

    @BeforeAll
    void open(@TempDir Path dir) throws Exception {
        Optional<Path> binary = Chromium.find();
        assumeTrue(binary.isPresent(), "no Chromium on the PATH; install it to test the page");
        page = write(SyntheticDecode.write(dir.resolve("s"), 7, 48, 8, Map.of()), dir.resolve("report.html"));
        hostile = write(SyntheticDecode.writeHostile(dir.resolve("h")), dir.resolve("hostile.html"));
        browser = Chromium.start(binary.orElseThrow(), dir.resolve("profile"));
    }

    @AfterAll
    void close() {
        if (browser != null) {
            browser.close();
        }
    }

    private static Path write(Path session, Path file) throws IOException {
        try (Session open = Session.open(session)) {
            HtmlReport.write(SessionReport.of(Explainer.explain(open), "s"), file);
        }
        return file;
    }

    @ParameterizedTest
    @CsvSource({"1280,light", "1280,dark", "768,light", "390,light", "390,dark"})
    void drawsEveryChartWithoutAComplaintOrARequest(int width, String scheme) throws Exception {
        browser.open(page, width, 900, scheme);

        assertThat(browser.complaints()).isEmpty();
        assertThat(browser.requests())
                .hasSize(1)
                .first()
                .asString()
                .startsWith("file:")
                .endsWith("report.html");
        assertThat(browser.number("document.querySelectorAll('figure').length")).isGreaterThanOrEqualTo(10);
        assertThat(browser.evaluate("[...document.querySelectorAll('figure')].filter(f => "
                        + "![...f.querySelectorAll('svg.plot,canvas')].some(s => { const b = s.getBoundingClientRect();"
                        + " return b.width > 200 && b.height > 40; })).map(f => f.id)"))
                .as("figures in which nothing is drawn")
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
                .isEmpty();
        assertThat(browser.evaluate(WIDER)).as("elements that stick out").isEqualTo(List.of());
        assertThat(colours(browser.screenshot())).as("colours on the screen").hasSizeGreaterThan(20);
    }

    @Test
    void saysWhatWasMeasured() {
        browser.open(page, SCREEN, 900, "light");

        String text = browser.text("document.body.innerText").replace('\u00A0', ' ');
        assertThat(text).contains("A token takes", "of it goes to the experts", "8 of 48 layers ran", "estimate");
        assertThat(text).contains("Q1", "Q7", "not measured", "this machine has no GPU", "Random weights");
        assertThat(browser.text("document.title")).isEqualTo("Decode of qwen3-30b-a3b · Hourglass");
    }

    @Test
    void lightAndDarkDiffer() throws Exception {
        browser.open(page, TABLET, 900, "light");
        int light = ground(browser.screenshot());
        browser.open(page, TABLET, 900, "dark");
        int dark = ground(browser.screenshot());

        assertThat(light).isGreaterThan(200);
        assertThat(dark).isLessThan(60);
    }

    @Test
    void theToggleOverridesTheSystem() {
        browser.open(page, SCREEN, 900, "light");
        browser.evaluate("document.querySelector('#theme').click(), document.querySelector('#theme').click()");

        assertThat(browser.text("document.querySelector('#theme').textContent")).isEqualTo("Dark");
        assertThat(browser.text("getComputedStyle(document.body).backgroundColor"))
                .isEqualTo("rgb(20, 19, 17)");
        browser.evaluate("document.querySelector('#theme').click()");
    }

    @Test
    void pointingAtAMarkShowsItsNumber() {
        browser.open(page, SCREEN, 900, "light");
        String mark = "[...document.querySelectorAll('#plot-components svg.wide [data-tip]')][0]";
        browser.evaluate(mark + ".scrollIntoView({block: 'center', behavior: 'instant'})");
        browser.awaitFrames();
        browser.move(
                browser.number(mark + ".getBoundingClientRect().x + 20"),
                browser.number(mark + ".getBoundingClientRect().y + 20"));

        assertThat(browser.text("document.querySelector('.tip').textContent"))
                .matches("Experts: [\\d.]+ ms, [\\d.]+ %");
        assertThat(browser.evaluate("document.querySelector('.tip').hidden")).isEqualTo(false);
    }

    @Test
    void theTimelineCanBeWalkedByKeys() {
        browser.open(page, SCREEN, 900, "light");
        browser.evaluate("document.querySelector('.timeline canvas').focus()");
        browser.press(".");
        String first = browser.text("document.querySelector('.timeline-details').textContent");
        browser.press(".");
        String second = browser.text("document.querySelector('.timeline-details').textContent");

        assertThat(first.replace('\u00A0', ' ')).contains(" ns)", "of the whole");
        assertThat(second).isNotEqualTo(first).contains("of the whole");
    }

    @Test
    void theTimelineShowsTheColoursOfItsSpans() {
        browser.open(page, SCREEN, 900, "light");

        assertThat(browser.number("(() => { const c = document.querySelector('.timeline canvas');"
                        + " const d = new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer);"
                        + " return new Set(d).size; })()"))
                .isGreaterThan(6);
    }

    @Test
    void tablesSort() {
        browser.open(page, SCREEN, 900, "light");
        String table = "document.querySelector('#components table')";
        browser.evaluate(table + ".querySelectorAll('th button')[2].click()");
        browser.evaluate(table + ".querySelectorAll('th button')[2].click()");

        assertThat(browser.text(table + ".querySelectorAll('th')[2].ariaSort")).isEqualTo("ascending");
        assertThat(browser.text(table + ".tBodies[0].rows[0].cells[0].innerText"))
                .startsWith("Embedding");
    }

    @Test
    void isWholeWithoutScripts() {
        browser.scripts(false);
        try {
            browser.open(page, SCREEN, 900, "light");
        } finally {
            browser.scripts(true);
        }
        assertThat(browser.number("[...document.querySelectorAll('figure svg.plot')].filter(s =>"
                        + " s.getBoundingClientRect().width > 200).length"))
                .isEqualTo(browser.number("document.querySelectorAll('figure').length"));
        assertThat(browser.text("document.body.innerText")).contains("Seven questions");
    }

    @ParameterizedTest
    @CsvSource({"1280", "390"})
    void hostileNamesAreOnlyText(int width) {
        browser.open(hostile, width, 900, "light");

        assertThat(browser.complaints()).isEmpty();
        assertThat(browser.requests()).hasSize(1);
        assertThat(browser.evaluate("window.pwned === undefined")).isEqualTo(true);
        assertThat(browser.number("document.querySelectorAll('img,iframe,object,embed,a[href^=javascript]').length"))
                .isZero();
        assertThat(browser.number("document.querySelectorAll('script:not([type])').length"))
                .isEqualTo(1);
        assertThat(browser.text("document.body.innerText")).contains("<img src=x onerror=", "</script><script>");
        assertThat(browser.evaluate(WIDER)).as("elements that stick out").isEqualTo(List.of());
    }

    private static Set<Integer> colours(byte[] png) throws IOException {
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
        Set<Integer> out = new HashSet<>();
        for (int y = 0; y < image.getHeight(); y += 2) {
            for (int x = 0; x < image.getWidth(); x += 2) {
                out.add(image.getRGB(x, y));
            }
        }
        return out;
    }

    /// Brightness of the page's ground, 0 to 255.
    private static int ground(byte[] png) throws IOException {
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
        return image.getRGB(4, image.getHeight() - 4) >> 8 & 255;
    }
}
