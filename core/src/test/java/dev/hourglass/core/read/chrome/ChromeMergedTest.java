package dev.hourglass.core.read.chrome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.TraceTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Traces of several processes in one file, whose calls share their correlations.
class ChromeMergedTest {
    @TempDir
    Path directory;

    private static String call(Object pid, long ts, long correlation, String more) {
        return "{\"ph\":\"X\",\"cat\":\"cuda_runtime\",\"name\":\"cudaLaunchKernel\",\"ts\":" + ts
                + ",\"dur\":1,\"pid\":" + pid + ",\"tid\":9,\"args\":{\"correlation\":" + correlation + more + "}}";
    }

    private static String kernel(Object pid, long device, long ts, long correlation, String more) {
        return "{\"ph\":\"X\",\"cat\":\"kernel\",\"name\":\"k" + ts + "\",\"ts\":" + ts + ",\"dur\":5,\"pid\":" + pid
                + ",\"tid\":7,\"args\":{\"device\":" + device + ",\"stream\":7,\"correlation\":" + correlation + more
                + "}}";
    }

    private ChromeRead read(String... events) throws IOException {
        return ChromeRead.of(Files.writeString(directory.resolve("trace.json"), ChromeRead.events(events)));
    }

    /// The moments at which the calls of the kernels begin, in the order of the kernels.
    private static List<Long> launches(ChromeRead read) {
        List<Map<String, Object>> calls = read.rows().of(TraceTables.LAUNCH);
        return read.rows().of(TraceTables.KERNEL).stream()
                .map(kernel -> calls.stream()
                        .filter(call -> call.get("id").equals(kernel.get("launch_id")))
                        .map(call -> (long) call.get("ts") / 1000)
                        .findFirst()
                        .orElse(-1L))
                .toList();
    }

    @Test
    void workBelongsToTheCallOfItsOwnProcess() throws IOException {
        ChromeRead read = read(
                call(1000, 1, 5, ""), call(2000, 3, 5, ""), kernel(1000, 0, 10, 5, ""), kernel(2000, 0, 20, 5, ""));
        assertThat(launches(read)).containsExactly(1L, 3L);
        assertThat(read.rows().of(TraceTables.KERNEL).get(0).get("upid"))
                .isEqualTo(read.rows().of(TraceTables.LAUNCH).get(0).get("upid"));
        assertThat(read.rows().of(TraceTables.LAUNCH))
                .extracting(call -> call.get("ops"))
                .containsExactly(1L, 1L);
        assertThat(read.losses()).extracting("kind").containsExactly("no_base_time");
    }

    /// Kineto names devices where the process stands; in a container the host may have such a number too.
    @Test
    void theNumberOfADeviceIsNoProcess() throws IOException {
        ChromeRead read = read(
                call(1, 1, 5, ""),
                call(200, 3, 5, ""),
                call(1, 30, 6, ""),
                call(200, 50, 7, ""),
                kernel(0, 0, 10, 5, ""),
                kernel(1, 1, 20, 5, ""),
                kernel(0, 0, 40, 6, ""),
                kernel(1, 1, 60, 7, ""));
        assertThat(launches(read)).containsExactly(1L, 3L, 30L, 50L);
        assertThat(read.lost("ambiguous_launch")).isZero();
    }

    @Test
    void whatMergersPutBeforeTheProcessTells() throws IOException {
        ChromeRead read = read(
                call("\"[TP00] 100\"", 1, 5, ""),
                call("\"[TP01] 100\"", 3, 5, ""),
                kernel("\"[TP00] 0\"", 0, 10, 5, ""),
                kernel("\"[TP01] 0\"", 0, 20, 5, ""));
        assertThat(launches(read)).containsExactly(1L, 3L);
        assertThat(read.lost("ambiguous_launch")).isZero();
    }

    @Test
    void theOperatorTells() throws IOException {
        ChromeRead read = read(
                call(100, 1, 5, ",\"External id\":71"),
                call(200, 3, 5, ",\"External id\":72"),
                kernel(0, 0, 10, 5, ",\"External id\":71"),
                kernel(0, 0, 20, 5, ",\"External id\":72"));
        assertThat(launches(read)).containsExactly(1L, 3L);
        assertThat(read.lost("ambiguous_launch")).isZero();
    }

    @Test
    void aCallThatBeginsBehindTheWorkDidNotStartIt() throws IOException {
        ChromeRead read = read(call(100, 1, 5, ""), call(200, 30, 5, ""), kernel(0, 0, 10, 5, ""));
        assertThat(launches(read)).containsExactly(1L);
        assertThat(read.lost("ambiguous_launch")).isZero();
    }

    /// Far apart, so that they are joined one after the other.
    @Test
    void whoseDeviceItIsElsewhereTells() throws IOException {
        ChromeRead read = read(
                call(100, 1, 5, ""),
                call(200, 3, 5, ""),
                kernel(0, 0, 10, 5, ""),
                kernel(1, 1, 20, 5, ""),
                call(100, 30, 200_000, ""),
                kernel(0, 0, 40, 200_000, ""));
        assertThat(launches(read)).containsExactly(1L, -1L, 30L);
        assertThat(read.lost("ambiguous_launch"))
                .as("nothing is known of device 1")
                .isEqualTo(1);
        assertThat(read.losses()).anySatisfy(loss -> {
            assertThat(loss.kind()).isEqualTo("ambiguous_launch");
            assertThat(loss.severity()).isEqualTo(Severity.NOTICE);
            assertThat(loss.place()).startsWith("correlation 5");
        });
    }

    @Test
    void whatNothingTellsIsNotGuessedButCounted() throws IOException {
        ChromeRead read =
                read(call(100, 1, 5, ""), call(200, 3, 5, ""), kernel(0, 0, 10, 5, ""), kernel(1, 1, 11, 5, ""));
        assertThat(launches(read)).containsExactly(-1L, -1L);
        assertThat(read.lost("ambiguous_launch")).isEqualTo(2);
    }

    /// Two processes that share a device tell nothing by it.
    @Test
    void aSharedDeviceTellsNothing() throws IOException {
        ChromeRead read = read(
                call(100, 1, 5, ""),
                call(200, 3, 5, ""),
                kernel(0, 0, 10, 5, ""),
                call(100, 30, 6, ""),
                kernel(0, 0, 40, 6, ""),
                call(200, 50, 7, ""),
                kernel(0, 0, 60, 7, ""));
        assertThat(launches(read)).containsExactly(-1L, 30L, 50L);
        assertThat(read.lost("ambiguous_launch")).isEqualTo(1);
    }

    @Test
    void severalCallsOfOneProcessAreNothingToCount() throws IOException {
        ChromeRead read = read(call(100, 1, 5, ""), call(100, 3, 5, ""), kernel(0, 0, 10, 5, ""));
        assertThat(launches(read)).containsExactly(3L);
        assertThat(read.lost("ambiguous_launch")).isZero();
    }

    /// Ranks number their calls alike, and there is no most of ranks.
    @Test
    void eachOfThousandsOfRanksIsLinkedToItsOwnCall() throws IOException {
        int ranks = 2000;
        String[] events = new String[2 * ranks];
        for (int r = 0; r < ranks; r++) {
            events[r] = call(100 + r, 1 + r, 5, "");
            events[ranks + r] = kernel(100 + r, r % 8, 10_000 + r, 5, "");
        }
        ChromeRead read = read(events);
        assertThat(launches(read))
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, ranks).boxed().toList());
        assertThat(read.lost("ambiguous_launch")).isZero();
    }

    /// 0 where a producer knows no number: it tells nothing, and to compare all with all would take for ever.
    @Test
    void aNumberThatThousandsShareTellsNothing() throws IOException {
        String[] events = new String[200_000];
        for (int i = 0; i < events.length; i += 2) {
            events[i] = call(1 + i % 4, i, 9, "");
            events[i + 1] = kernel(0, 0, i + 1, 9, "");
        }
        ChromeRead read = assertTimeoutPreemptively(Duration.ofSeconds(60), () -> read(events));
        assertThat(read.rows().of(TraceTables.KERNEL))
                .hasSize(100_000)
                .noneMatch(kernel -> kernel.containsKey("launch_id"));
        assertThat(read.lost("ambiguous_launch")).isEqualTo(100_000);
    }
}
