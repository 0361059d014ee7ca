package dev.hourglass.core.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SpeedscopeFileTest {
    private static final Pattern EVENT = Pattern.compile("\"type\": \"([OC])\", \"frame\": (\\d+), \"at\": (\\d+)");

    @TempDir
    private Path directory;

    @Test
    void opensAndClosesEveryFrameInOrder() throws IOException {
        Path session = Sessions.trace(directory);
        Path file = directory.resolve("out.json");
        Exporter.export(session, ExportFormat.SPEEDSCOPE, file);
        List<String> lines = Files.readAllLines(file);
        List<String> frames = lines.stream()
                .filter(line -> line.startsWith("{\"name\": "))
                .map(line -> line.replaceAll("^\\{\"name\": \"|\"\\},?$", ""))
                .toList();
        List<String> slices = new ArrayList<>();
        for (String line : lines) {
            slices.addAll(slices(line, frames));
        }

        assertThat(frames)
                .doesNotHaveDuplicates()
                .contains("\\u003cscript>alert(1)\\u003c/script>\uFFFD[2J", "ünïcode 漢字");
        assertThat(slices)
                .contains(
                        "20123 10001 void gemm\\u003cfloat>(int)",
                        "55000 10000 overlaps",
                        "60000 11000 never ends; DROP TABLE")
                .hasSize(11);
    }

    /// Start, duration and name of each frame of one profile.
    private static List<String> slices(String profile, List<String> frames) {
        Deque<long[]> open = new ArrayDeque<>();
        List<String> slices = new ArrayList<>();
        Matcher event = EVENT.matcher(profile);
        long last = 0;
        while (event.find()) {
            long at = Long.parseLong(event.group(3));
            assertThat(at).isGreaterThanOrEqualTo(last);
            last = at;
            long frame = Long.parseLong(event.group(2));
            if (event.group(1).equals("O")) {
                open.push(new long[] {frame, at});
            } else {
                long[] begun = open.pop();
                assertThat(begun[0]).isEqualTo(frame);
                slices.add(begun[1] + 1000 + " " + (at - begun[1]) + " " + frames.get((int) frame));
            }
        }
        assertThat(open).isEmpty();
        return slices;
    }

    @Test
    void givesSamplesTheirWeights() throws IOException {
        Path script = Files.writeString(
                directory.resolve("perf.txt"),
                "a 1/2  1.000001: 5 cycles: \n\t ff inner (d)\n\t fe outer (d)\n\na 1/2  1.000002: 7 cycles: \n\t ff inner (d)\n\n");
        Path session = Sessions.imported(directory, "samples", script);
        Path file = directory.resolve("out.json");
        Exporter.Summary summary = Exporter.export(session, ExportFormat.SPEEDSCOPE, file);

        assertThat(summary.written()).containsEntry("sample", 2L).containsEntry("profile", 1L);
        assertThat(Files.readString(file))
                .contains(
                        "\"type\": \"sampled\", \"name\": \"samples of 1/2 a cycles\", \"unit\": \"none\", \"startValue\": 0, \"endValue\": 12")
                .contains("\"samples\": [[1,0],[0]], \"weights\": [5,7]");
    }
}
