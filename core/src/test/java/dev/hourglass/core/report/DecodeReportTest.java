package dev.hourglass.core.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.analysis.DecodeProfile;
import dev.hourglass.core.analysis.DecodeProfiler;
import dev.hourglass.core.query.Session;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DecodeReportTest {
    private DecodeProfile profile;
    private Report report;

    @BeforeAll
    void read(@TempDir Path dir) throws Exception {
        try (Session session = Session.open(SyntheticDecode.write(dir.resolve("s"), 7, 24, 4, Map.of()))) {
            profile = DecodeProfiler.profile(session);
        }
        report = DecodeReport.of(profile);
    }

    @Test
    void theHeadlineNamesTheTimeAndTheNeck() {
        assertThat(report.headline().statement()).matches("A token takes [\\d.]+ ms. [\\d.]+ % of it goes to .*\\.");
    }

    @Test
    void fewerLayersAreSaidAndTheEstimateIsMarked() {
        assertThat(report.headline().notes()).anySatisfy(n -> {
            assertThat(n.title()).isEqualTo("4 of 48 layers ran");
            assertThat(n.text()).contains("estimate");
        });
    }

    @Test
    void allSevenQuestionsStand() {
        assertThat(report.blocks(Block.Question.class).map(Block.Question::id))
                .containsExactly("q1", "q2", "q3", "q4", "q5", "q6", "q7");
    }

    @Test
    void terminalTextStaysWithinItsColumns() {
        assertThat(TextReport.full(report, 100).lines()).allMatch(l -> l.length() <= 100);
        assertThat(TextReport.summary(report, 80).lines()).allMatch(l -> l.length() <= 80);
    }

    @Test
    void everyFormatIsWritten(@TempDir Path dir) throws Exception {
        DecodeSummaryJson.write(profile, dir.resolve("summary.json"));
        JsonReport.write(report, dir.resolve("report.json"));
        MarkdownReport.write(report, dir.resolve("report.md"));
        HtmlReport.write(report, dir.resolve("report.html"));
        assertThat(dir.resolve("summary.json")).content().contains("\"t_token_us\"");
        assertThat(dir.resolve("report.html")).content().contains("A token takes");
        assertThat(Files.size(dir.resolve("report.html"))).isLessThan(1_000_000);
        assertThat(dir.resolve("plots/experts.svg")).content().startsWith("<svg xmlns=");
    }
}
