package dev.hourglass.core.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// The table of diagnoses says what the analyses and the guide say.
final class DiagnosisTest {
    @Test
    void everyRowHasAnAnalysisThatFindsItAndSaysWhatToDo() {
        for (Diagnosis d : Diagnosis.TABLE) {
            Analysis analysis = AnalysisLibrary.find(d.analysis());
            assertThat(analysis.finding()).as(d.analysis()).isPresent();
            assertThat(analysis.remedy()).as(d.analysis()).isPresent();
        }
    }

    @Test
    void everyAnalysisThatFindsAFaultOfABoundIsInTheTable() {
        assertThat(Diagnosis.TABLE.stream().map(Diagnosis::analysis))
                .containsAll(AnalysisLibrary.under("bound").stream()
                        .filter(a -> a.bound().filter(b -> !b.equals("none")).isPresent())
                        .map(Analysis::id)
                        .toList());
    }

    @Test
    void theGuideHasEveryRow() throws IOException {
        String guide = Files.readString(Path.of("../docs/reading-a-report.md"));
        for (Diagnosis d : Diagnosis.TABLE) {
            assertThat(guide).contains("| " + d.observation() + " | `" + d.analysis() + "` | " + d.choice() + " |");
        }
    }
}
