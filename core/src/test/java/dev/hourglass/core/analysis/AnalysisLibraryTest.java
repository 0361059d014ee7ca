package dev.hourglass.core.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Reads every file of the library.
class AnalysisLibraryTest {
    private static final Path LIBRARY = Path.of("src/main/resources/dev/hourglass/core/analysis");

    @TempDir
    private Path directory;

    static List<String> ids() throws IOException {
        try (Stream<Path> files = Files.walk(LIBRARY)) {
            return files.filter(file -> file.toString().endsWith(".sql"))
                    .map(file -> LIBRARY.relativize(file).toString().replaceFirst("\\.sql$", ""))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("ids")
    void everyColumnOfTheAnswerIsDocumentedInOrder(String id) {
        Analysis analysis = AnalysisLibrary.find(id);
        try (Session session = PlantedRun.moe(directory)) {
            Rows rows = AnalysisLibrary.run(session, id);
            assertThat(rows.columns())
                    .isEqualTo(analysis.columns().stream()
                            .map(Analysis.ColumnDoc::name)
                            .toList());
        }
    }

    @ParameterizedTest
    @MethodSource("ids")
    void theFirstLineIsAQuestion(String id) {
        assertThat(AnalysisLibrary.find(id).question()).endsWith("?");
    }
}
