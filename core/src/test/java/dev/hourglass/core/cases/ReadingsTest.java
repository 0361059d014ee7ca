package dev.hourglass.core.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.core.analysis.AnalysisLibrary;
import dev.hourglass.core.analysis.Bound;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What `docs/readings.md` says of recordings: the figures that were worked out without Hourglass stand on the
/// page and
/// are its answers too.
final class ReadingsTest {
    private static final Path RESOURCES = Path.of("src/test/resources");
    private static final Map<String, String> RECORDINGS = Map.of(
            "graph", "golden/kineto-h100/cudagraph.json.gz",
            "vllm-gpu", "readings/vllm_h200.json.gz",
            "vllm-cpu", "golden/vllm/vllm_cpu.json.gz");

    /// A figure of decode that `oracle/readings.py` worked out.
    private record Figure(String recording, String name, Unit unit, double value) {
        static Figure of(String line) {
            String[] cells = line.split(",");
            return new Figure(cells[0], cells[1], unit(cells[2]), Double.parseDouble(cells[3]));
        }

        private static Unit unit(String symbol) {
            return Arrays.stream(Unit.values())
                    .filter(u -> u.symbol().equals(symbol))
                    .findFirst()
                    .orElseThrow();
        }
    }

    static List<String> recordings() {
        return RECORDINGS.keySet().stream().sorted().toList();
    }

    private static Stream<Figure> figures() throws IOException {
        return Files.readAllLines(RESOURCES.resolve("readings/expected.csv")).stream()
                .filter(line -> !line.startsWith("#") && !line.startsWith("recording,"))
                .map(Figure::of);
    }

    private static List<Path> file(String recording) {
        return List.of(
                RESOURCES.resolve(Optional.ofNullable(RECORDINGS.get(recording)).orElseThrow()));
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void theAnswersAreThoseOfTheHand(String recording) throws IOException {
        String analysis = recording.equals("vllm-cpu") ? "steps/host_stages" : "steps/stages";
        String sql = AnalysisLibrary.query(AnalysisLibrary.find(analysis));
        List<Figure> expected =
                figures().filter(f -> f.recording().equals(recording)).toList();
        assertThat(expected).isNotEmpty();
        List<Object> row = Recordings.rows(
                        file(recording),
                        "SELECT "
                                + String.join(
                                        ", ",
                                        expected.stream().map(Figure::name).toList()) + " FROM (" + sql
                                + ") WHERE stage = 'decode'")
                .getFirst();
        for (int i = 0; i < expected.size(); i++) {
            Figure figure = expected.get(i);
            assertThat(((Number) row.get(i)).doubleValue())
                    .as("%s of %s", figure.name(), recording)
                    .isCloseTo(figure.value(), within(figure.value() * 0.002));
        }
    }

    @Test
    void thePageHasThoseFigures() throws IOException {
        String page = Files.readString(Path.of("../docs/readings.md"));
        assertThat(figures())
                .allSatisfy(figure -> assertThat(page)
                        .as("%s of %s", figure.name(), figure.recording())
                        .contains(Format.value(figure.value(), figure.unit())));
    }

    /// What an expert concludes from each of them.
    @Test
    void theNeckIsThatOfTheExpert() throws IOException {
        Explanation graph = Recordings.explain(file("graph"));
        assertThat(graph.overall()).isEqualTo(Bound.MEMORY);
        assertThat(Recordings.answer(graph, 3)).contains("67.1 MB each", "1.31 ms");
        assertThat(Recordings.explain(file("vllm-gpu")).overall()).isEqualTo(Bound.HOST);
        assertThat(Recordings.explain(file("vllm-cpu")).overall()).isEqualTo(Bound.HOST);
    }
}
