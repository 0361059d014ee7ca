package dev.hourglass.core.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Of a directory with recordings of several runs one is read, and the others are named; ranks and cycles of one run
/// stay
/// together.
final class RunsTest {
    private static final long BASE = 1_700_000_000_000_000_000L;
    private static final long SECOND_US = 1_000_000;

    @TempDir
    private Path folder;

    private Path directory = Path.of("traces");

    @BeforeEach
    void makeDirectory() throws IOException {
        directory = Files.createDirectory(folder.resolve("traces"));
    }

    private void trace(String name, int process, String gpu, int rank, long secondsLater, int steps)
            throws IOException {
        StringBuilder events = new StringBuilder();
        for (int i = 0; i < steps; i++) {
            events.append(i == 0 ? "" : ",")
                    .append("{\"ph\":\"X\",\"cat\":\"user_annotation\",\"name\":\"decode_")
                    .append(i)
                    .append("\",\"pid\":")
                    .append(process)
                    .append(",\"tid\":1,\"ts\":")
                    .append(secondsLater * SECOND_US + i * 1000)
                    .append(",\"dur\":900}");
        }
        Files.writeString(
                directory.resolve(name),
                "{\"baseTimeNanoseconds\":" + BASE + (rank < 0 ? "" : ",\"distributedInfo\":{\"rank\":" + rank + "}")
                        + ",\"deviceProperties\":[{\"id\":0,\"name\":\"" + gpu + "\"}],\"traceEvents\":[" + events
                        + "]}");
    }

    private List<String> read(Path... inputs) throws IOException {
        Path database = Files.createTempDirectory(folder, "session").resolve("session.duckdb");
        TraceImport.Summary summary =
                new TraceImport(TraceImport.Options.DEFAULT, bytes -> {}).into(List.of(inputs), database);
        List<String> told = new java.util.ArrayList<>(summary.sources().stream()
                .map(source -> String.valueOf(source.path().getFileName()))
                .sorted()
                .toList());
        summary.losses().stream()
                .filter(loss -> loss.what().kind().equals("other_run"))
                .map(loss -> "not " + Path.of(loss.source()).getFileName() + ": "
                        + loss.what().place())
                .sorted()
                .forEach(told::add);
        return told;
    }

    @Test
    void runsOfOtherTimesMachinesAndProcessesAreNotAveraged() throws IOException {
        trace("a.json", 10, "H100", -1, 0, 5);
        trace("later.json", 10, "H100", -1, 68_400, 3);
        trace("machine.json", 12, "H200", -1, 0, 3);
        trace("process.json", 11, "H100", -1, 60, 3);
        assertThat(read(directory))
                .satisfiesExactly(
                        first -> assertThat(first).isEqualTo("a.json"),
                        later -> assertThat(later)
                                .startsWith("not later.json: a recording of another run, 68400 s after a.json"),
                        machine -> assertThat(machine)
                                .startsWith("not machine.json: a recording of another run on H200, not that of a.json"),
                        process -> assertThat(process)
                                .startsWith("not process.json: a recording of another run, 60.0 s after a.json"));
    }

    @Test
    void ranksAndCyclesOfOneRunStayTogether() throws IOException {
        trace("rank0.json", 10, "H100", 0, 0, 3);
        trace("rank1.json", 11, "H100", 1, 1, 3);
        trace("rank0_later.json", 10, "H100", 0, 300, 3);
        assertThat(read(directory)).containsExactly("rank0.json", "rank0_later.json", "rank1.json");
    }

    /// Who names files says that they belong together.
    @Test
    void filesThatWereNamedAreRead() throws IOException {
        trace("a.json", 10, "H100", -1, 0, 3);
        trace("b.json", 11, "H100", -1, 68_400, 5);
        assertThat(read(directory.resolve("a.json"), directory.resolve("b.json")))
                .containsExactly("a.json", "b.json");
    }
}
