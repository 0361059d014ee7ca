package dev.hourglass.core.cases;

import static dev.hourglass.core.cases.Recordings.finding;
import static dev.hourglass.core.cases.Recordings.gains;
import static dev.hourglass.core.cases.Recordings.ranks;
import static dev.hourglass.core.cases.Recordings.stage;
import static dev.hourglass.core.cases.Recordings.verdict;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.core.analysis.AnalysisLibrary;
import dev.hourglass.core.analysis.Bound;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.analysis.Finding;
import dev.hourglass.core.analysis.StageTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Several GPUs: what holds for each, and for all of them together.
final class RankCasesTest {
    @TempDir
    private Path folder;

    private static final String ALL_REDUCE = "ncclDevKernel_AllReduce_Sum_bf16_RING_LL";

    /// In steps of 1000 µs: code of the host, then compute, then an all-reduce that ends for all ranks at once.
    private Explanation explain(List<Integer> host, List<Integer> compute, int collective, int step)
            throws IOException {
        List<Path> files = new ArrayList<>();
        int last = 0;
        for (int r = 0; r < host.size(); r++) {
            last = Math.max(last, host.get(r) + 10 + compute.get(r) + collective);
        }
        for (int r = 0; r < host.size(); r++) {
            PlantedTrace trace = new PlantedTrace().rank(r, host.size());
            for (int i = 0; i < 7; i++) {
                int at = i * step;
                int begin = at + host.get(r) + 10;
                trace.step("decode_" + i, at, step)
                        .kernel("gemm_kernel", 7, at + host.get(r), begin, compute.get(r))
                        .kernel(
                                ALL_REDUCE,
                                7,
                                at + host.get(r) + 5,
                                begin + compute.get(r),
                                at + last - begin - compute.get(r))
                        .sync("cudaDeviceSynchronize", at + host.get(r) + 12, at + last - at - host.get(r) - 10);
            }
            files.add(trace.write(folder.resolve("rank" + r + ".json")));
        }
        return Recordings.explain(files);
    }

    /// Two machines with a GPU 0 each: steps of 100 ms, of which the one's GPU draws 600 W at 1200 MHz and the other's
    /// 300 W at 1980 MHz. Samples lie beside the recording of their machine, or all in one place.
    private List<Path> machines(boolean beside) throws IOException {
        List<Path> files = new ArrayList<>();
        for (int r = 0; r < 2; r++) {
            Path own = Files.createDirectories(folder.resolve("machine" + r));
            PlantedTrace trace = new PlantedTrace().rank(r, 2).machine("node" + r);
            StringBuilder samples = new StringBuilder("timestamp, index, power.draw [W], clocks.sm [MHz], clocks.max.sm [MHz]\n");
            for (int i = 0; i < 5; i++) {
                int at = i * 100_000;
                trace.step("decode_" + i, at, 100_000).kernel("gemm_kernel", 7, at + 10, at + 20, 90_000);
                samples.append("2023/11/14 22:13:20.%d50, 0, %d.00 W, %d MHz, 1980 MHz%n".formatted(i, r == 0 ? 600 : 300, r == 0 ? 1200 : 1980));
            }
            files.add(trace.write(own.resolve("trace.json")));
            Path sampled = (beside ? own : Files.createDirectories(folder.resolve("all"))).resolve("gpu" + r + ".csv");
            files.add(Files.writeString(sampled, samples.toString()));
        }
        return files;
    }

    @Test
    void samplesAreOfTheGpuOfTheirOwnMachine() throws IOException {
        String power = AnalysisLibrary.query(AnalysisLibrary.find("hw/power"));
        assertThat(Recordings.rows(
                        machines(true),
                        "SELECT host, mean::BIGINT, samples FROM (" + power
                                + ") WHERE metric = 'power' AND stage = 'decode' ORDER BY host"))
                .containsExactly(List.of("node0", 600L, 4L), List.of("node1", 300L, 4L));
        String throttle = AnalysisLibrary.query(AnalysisLibrary.find("bound/throttle"));
        assertThat(Recordings.rows(
                        machines(true),
                        "SELECT clock::BIGINT, power::BIGINT FROM (" + throttle + ") ORDER BY source_id"))
                .containsExactlyInAnyOrder(List.of(1200L, 600L), List.of(1980L, 300L));
    }

    /// A number alone names no GPU where there are several of it.
    @Test
    void samplesOfAnUnknownMachineAreOfNone() throws IOException {
        String throttle = AnalysisLibrary.query(AnalysisLibrary.find("bound/throttle"));
        assertThat(Recordings.rows(machines(false), throttle)).isEmpty();
        assertThat(Recordings.explain(machines(false)).notMeasured())
                .anySatisfy(absent -> assertThat(absent.reason())
                        .contains("nothing tells which of them was sampled"));
    }

    /// Host code 650 µs, a kernel of 200, an all-reduce of 50, in 1000: on each of eight ranks.
    @Test
    void eightEqualRanksAreJudgedAsOneOfThem() throws IOException {
        Explanation explained = ranks("s28", 8);
        assertThat(explained.overall()).isEqualTo(Bound.HOST);
        StageTime decode = stage(explained, "decode");
        assertThat(decode.steps()).isEqualTo(6);
        assertThat(decode.period().time().n()).isEqualTo(5);
        assertThat(decode.devices()).isEqualTo(8);
        assertThat(decode.period().time().p50()).isEqualTo(1000, within(1.0));
        Finding host = finding(explained, "bound/host").orElseThrow();
        assertThat(host.gain().orElseThrow()).isLessThanOrEqualTo(0.2501);
        assertThat(host.gainMethod()).startsWith("at most");
        assertThat(gains(explained, "decode")).isLessThanOrEqualTo(1);
    }

    @Test
    void otherEqualRanksToo() throws IOException {
        Explanation explained = explain(List.of(500, 500, 500), List.of(300, 300, 300), 60, 1000);
        assertThat(explained.overall()).isEqualTo(Bound.HOST);
        assertThat(stage(explained, "decode").steps()).isEqualTo(7);
        assertThat(finding(explained, "bound/host").orElseThrow().gain().orElseThrow())
                .isLessThanOrEqualTo(0.361);
        assertThat(finding(explained, "bound/imbalance")).isEmpty();
    }

    /// Compute of 100, 100, 100 and 400 µs; the all-reduce ends for all ranks at 520.
    @Test
    void whoComputesLongestIsWaitedFor() throws IOException {
        Explanation explained = ranks("s25", 4);
        StageTime decode = stage(explained, "decode");
        assertThat(explained.overall()).isEqualTo(Bound.IMBALANCE);
        assertThat(decode.steps()).isEqualTo(6);
        // 175 µs of compute and 100 of the collective itself; 225 µs of waiting.
        assertThat(decode.componentUs("t_gpu_computation")).isEqualTo(175, within(0.5));
        assertThat(decode.componentUs("t_communication")).isEqualTo(100, within(0.5));
        assertThat(decode.componentUs("t_peer")).isEqualTo(225, within(0.5));
        assertThat(decode.gpuBusyRatio().orElseThrow() * 600).isEqualTo(275, within(1.0));
        Finding uneven = finding(explained, "bound/imbalance").orElseThrow();
        assertThat(uneven.title()).contains("4 ranks", "rank 3 is busy 500 µs", "the mean is 275 µs");
        assertThat(uneven.gain().orElseThrow()).isEqualTo(225 / 600.0, within(0.001));
        Finding communication = finding(explained, "bound/communication").orElseThrow();
        assertThat(communication.share()).isEqualTo(100 / 600.0, within(0.001));
    }

    @Test
    void itIsTheOneWithMostWorkWhereverItStands() throws IOException {
        Explanation explained = explain(List.of(10, 10, 10), List.of(700, 200, 150), 40, 1000);
        assertThat(explained.overall()).isEqualTo(Bound.IMBALANCE);
        assertThat(finding(explained, "bound/imbalance").orElseThrow().title())
                .contains("3 ranks", "rank 0 is busy 740 µs", "the mean is 390 µs");
        assertThat(stage(explained, "decode").componentUs("t_peer")).isEqualTo(350, within(0.5));
    }

    /// Compute 20–520 µs, an all-gather 120–720: of its 200 µs that nothing hides, 100 could run beside the compute
    /// that hides none.
    @Test
    void onlyFreeComputeCanHideMore() throws IOException {
        Finding communication =
                finding(verdict("s23.json.gz"), "bound/communication").orElseThrow();
        assertThat(communication.share()).isEqualTo(0.2, within(0.001));
        assertThat(communication.gain().orElseThrow()).isEqualTo(0.1, within(0.001));
        PlantedTrace other = new PlantedTrace();
        for (int i = 0; i < 6; i++) {
            int at = i * 2000;
            other.step("decode_" + i, at, 2000)
                    .kernel("gemm_kernel", 7, at, at + 20, 900)
                    .kernel("ncclDevKernel_AllGather_RING_LL", 20, at + 8, at + 80, 1700);
        }
        Explanation explained = Recordings.explain(List.of(other.write(folder.resolve("other.json"))));
        assertThat(finding(explained, "bound/communication")
                        .orElseThrow()
                        .gain()
                        .orElseThrow())
                .isEqualTo(60 / 2000.0, within(0.001));
    }

    /// One bf16 product 4096³ of 200 µs in 1000 µs on each of two GPUs of one process.
    @Test
    void utilisationIsOfTheGpusThatTookPart() throws IOException {
        assertThat(stage(verdict("s20.json.gz"), "prefill").mfu().orElseThrow()).isEqualTo(0.139, within(0.0005));
    }

    private static final String GPUS = "SELECT s.rank, i.device, i.busy_ns FROM device_idle i JOIN source s"
            + " ON s.id = i.source_id ORDER BY ALL";

    @Test
    void ranksOfAMergedFileKeepTheirGpus() throws IOException {
        List<Path> files = Recordings.files("readers", "merged_same_device.json");
        assertThat(Recordings.rows(files, GPUS)).containsExactly(List.of(0L, 0L, 10_000L), List.of(1L, 0L, 10_000L));
    }

    /// Calls and kernels, each of four ranks by the bracket before its process.
    @Test
    void otherLabelsOfMergedRanksTellToo() throws IOException {
        for (String label : List.of("[DP%d] ", "[rank %d] ", "[TP0-PP%d] ")) {
            PlantedTrace trace = new PlantedTrace();
            for (int r = 0; r < 4; r++) {
                trace.labelled(String.format(label, r))
                        .step("decode_0", 0, 900)
                        .kernel("gemm_kernel", 7, 10, 20, 100 * (r + 1));
            }
            List<Path> files = List.of(trace.write(folder.resolve("merged.json")));
            assertThat(Recordings.rows(files, GPUS))
                    .as(label)
                    .containsExactly(
                            List.of(0L, 0L, 100_000L),
                            List.of(1L, 0L, 200_000L),
                            List.of(2L, 0L, 300_000L),
                            List.of(3L, 0L, 400_000L));
            assertThat(Recordings.rows(
                            files,
                            "SELECT count(*) FROM kernel k JOIN launch l ON l.id = k.launch_id AND l.source_id = k.source_id"
                                    + " JOIN stage g ON g.source_id = k.source_id"))
                    .containsExactly(List.of(4L));
        }
    }

    /// Two processes, two devices, one correlation: whose work it is cannot be told.
    @Test
    void workIsNeverLinkedAcrossRanks() throws IOException {
        List<Path> files = Recordings.files("readers", "merged_numeric_pids.json");
        assertThat(Recordings.rows(files, "SELECT count(*) FROM kernel WHERE launch_id IS NOT NULL"))
                .containsExactly(List.of(0L));
        assertThat(Recordings.rows(files, "SELECT severity, count FROM import_stat WHERE kind = 'ambiguous_launch'"))
                .containsExactly(List.of("notice", 2L));
    }

    /// Two ranks without labels that both call their GPU 0: its stream does two things at once.
    @Test
    void whereAFileDoesNotTellItsRanksThatIsSaid() throws IOException {
        PlantedTrace trace = new PlantedTrace();
        for (int r = 0; r < 2; r++) {
            trace.rank(r, 2);
            for (int i = 0; i < 5; i++) {
                trace.kernel("gemm_kernel", 7, 1000 * i + r, 1000 * i + 20 + r, 700);
            }
        }
        assertThat(Recordings.rows(
                        List.of(trace.write(folder.resolve("mixed.json"))),
                        "SELECT severity FROM import_stat WHERE kind = 'ranks_not_told'"))
                .containsExactly(List.of("notice"));
    }
}
