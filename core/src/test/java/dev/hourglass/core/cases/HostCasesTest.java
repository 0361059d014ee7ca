package dev.hourglass.core.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.core.Explained;
import dev.hourglass.core.analysis.Bound;
import dev.hourglass.core.analysis.ExampleStep;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.analysis.Finding;
import dev.hourglass.core.document.Section;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is said of recordings in which no GPU works: operators of a processor, and front ends.
final class HostCasesTest {
    @TempDir
    private Path folder;

    /// Steps of 1000 µs with products of some length, and 50 µs of another operator.
    private SmallTrace steps(int product) {
        SmallTrace trace = new SmallTrace("none", 0);
        for (int step = 0; step < 5; step++) {
            trace.step("decode_" + step, step * 1000, 1000);
            trace.host("cpu_op", "aten::linear", 100, step * 1000 + 10, product);
            trace.host("cpu_op", "aten::mm", 100, step * 1000 + 20, product - 20);
            trace.host("cpu_op", "aten::softmax", 100, step * 1000 + 20 + product, 50);
        }
        return trace;
    }

    @ParameterizedTest
    @CsvSource({"200, HOST, 0.75, warning", "600, DEVICE, 0.35, info", "850, DEVICE, -1, info"})
    void stepsOfAProcessorHaveAFindingOfTheirNeck(int product, Bound bound, double gain, String severity)
            throws IOException {
        Explained explained = explain(steps(product));
        Finding first = explained.explanation().findings().getFirst();
        assertThat(first.id()).isEqualTo("cpu/steps");
        assertThat(first.bound()).isEqualTo(bound);
        assertThat(first.severity().key()).isEqualTo(severity);
        assertThat(first.gain().orElse(-1)).isCloseTo(gain, within(1e-9));
        assertThat(first.title()).contains("aten::mm itself takes " + (product - 20) + " µs");
        assertThat(explained.explanation().questions().get(1).answer())
                .contains("aten::mm takes most itself: " + (product - 20) + " µs");
        assertThat(explained.explanation().questions().get(4).answer()).contains("inside 3 operators");
        assertThat(explained.report().sections())
                .extracting(Section::id)
                .contains("operators")
                .doesNotContain("idle", "copies");
    }

    @Test
    void stepsOfAProcessorHaveATimeline() throws IOException {
        ExampleStep example = explain(steps(300)).explanation().example().orElseThrow();
        assertThat(example.whole()).isTrue();
        assertThat(example.wallNs()).isEqualTo(5_000_000);
        assertThat(example.lanes()).extracting(ExampleStep.Lane::label).containsExactly("Steps", "Operators");
        assertThat(example.lanes().get(1).bars())
                .extracting(ExampleStep.Bar::name)
                .containsSubsequence("aten::linear", "aten::softmax");
    }

    /// A loop of 100 ms that waits 60 ms for events; one block holds it for as long as is told.
    private SmallTrace frontEnd(int block) {
        SmallTrace trace = new SmallTrace("none", 0);
        trace.host("python_function", "asyncio/base_events.py(600): run_forever", 7, 0, 100_000 + block);
        for (int turn = 0; turn < 10; turn++) {
            int ts = turn * 10_000 + (turn > 4 ? block : 0);
            int long_ = turn == 4 ? block : 0;
            trace.host("python_function", "asyncio/base_events.py(1915): _run_once", 7, ts, 10_000 + long_);
            trace.host("python_function", "selectors.py(435): select", 7, ts + 1, 6_000);
            trace.host("python_function", "asyncio/events.py(84): _run", 7, ts + 6_002, 3_900 + long_);
            trace.host(
                    "python_function",
                    turn == 4 ? "server.py(9): render_template" : "server.py(5): handle",
                    7,
                    ts + 6_003,
                    3_890 + long_);
        }
        return trace;
    }

    @ParameterizedTest
    @CsvSource({"70000, true", "1000, false"})
    void aFrontEndIsBusyAndBlocked(int block, boolean found) throws IOException {
        Explained explained = explain(frontEnd(block));
        Explanation explanation = explained.explanation();
        assertThat(explanation.stages()).isEmpty();
        assertThat(explained.report().headline().statement())
                .startsWith("A front end's event loop is busy " + (block == 70_000 ? "64.7" : "40.6") + " % of")
                .contains("in server.py(9): render_template");
        assertThat(explanation.findings())
                .extracting(Finding::id)
                .isEqualTo(found ? List.of("engine/event_loop") : List.of());
    }

    @Test
    void operatorsWithoutStepsAreTold() throws IOException {
        SmallTrace trace = new SmallTrace("none", 0);
        trace.host("cpu_op", "aten::mm", 100, 0, 300);
        trace.host("cpu_op", "aten::mm", 100, 400, 200);
        trace.host("cpu_op", "aten::add", 100, 700, 100);
        assertThat(explain(trace).report().headline().statement())
                .isEqualTo(
                        "The recording has operators of the host and no steps. Most time goes to aten::mm: 500 µs itself, in 2"
                                + " calls.");
    }

    private Explained explain(SmallTrace trace) throws IOException {
        Path file = Files.writeString(folder.resolve("trace.json"), trace.json());
        return Explained.ofFiles(List.of(file), Optional.empty(), Explained.Told.NOTHING);
    }
}
