package dev.hourglass.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.core.analysis.AnalysisLibrary;
import dev.hourglass.core.analysis.AnalysisRunner;
import dev.hourglass.core.analysis.Bound;
import dev.hourglass.core.analysis.Explainer;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.analysis.Finding;
import dev.hourglass.core.analysis.Outcome;
import dev.hourglass.core.cost.Peaks;
import dev.hourglass.core.cost.StepCosts;
import dev.hourglass.core.cost.TimedSteps;
import dev.hourglass.core.hardware.DeviceSpec;
import dev.hourglass.core.hardware.DeviceTable;
import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.model.checkpoint.ModelReader;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.store.SessionLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Findings that stand on what other tools write beside a timeline: counters of Nsight Compute, samples of
/// nvidia-smi and NVML, an engine's metrics, events of its KV cache. Each with what is accused and what is not.
final class CounterFindingsTest {
    private static final int STEPS = 6;
    private static final long START_MS = 1_700_000_000_000L;
    private static final String UNKNOWN_KERNEL = "some_handwritten_kernel_v2";
    private static final String MEMORY_KERNEL =
            "void at::native::vectorized_elementwise_kernel<4, at::native::CUDAFunctor_add<c10::BFloat16>>(int)";
    private static final String COMPUTE_KERNEL = "nvjet_tst_256x128_64x4_1x2_h_bz_coopA_NNT";

    @TempDir
    private Path folder;

    // Nsight Compute, one launch each.

    @ParameterizedTest
    @CsvSource({
        // A float32 product on the ordinary units.
        "ampere_sgemm_128x64_nn, 0, 35, 150000, true",
        // Memory limits a product with one row.
        "nvjet_sm90_tst_192x8_64x8_4x1_v_bz_NNT, 3.8, 82, 46688, false",
        // Too short to fill anything.
        "nvjet_sm90_tst_64x8_64x16_1x2_h_bz_TNT, 2.0, 20, 5200, false",
        // At work.
        "nvjet_sm90_tst_128x256_64x4_2x1_v_bz_coopA_TNN, 71.5, 40, 250000, false",
        // No product: nobody expects tensor cores.
        "vectorized_elementwise_kernel, 0, 45, 120000, false",
    })
    void idleTensorCoresAreToldOfProductsThatMemoryDoesNotLimit(
            String kernel, String tensor, String memory, String ns, boolean told) throws IOException {
        List<Finding> found = run(
                "hw/tensor_cores",
                ncu(
                        kernel,
                        Map.of(
                                "gpu__time_duration.sum", ns,
                                "sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_active", tensor,
                                "gpu__compute_memory_throughput.avg.pct_of_peak_sustained_elapsed", memory)));
        assertThat(found).hasSize(told ? 1 : 0);
        found.forEach(f -> assertThat(f.title()).contains(kernel, memory + ".0 %"));
        assertThat(found).allMatch(f -> f.severity() == Finding.Severity.INFO);
    }

    @ParameterizedTest
    @CsvSource({
        "flash_fwd_splitkv_kernel, 12.5, true",
        "void flashinfer::BatchDecodeWithPagedKVCacheKernel<1>(P), 8.0, true",
        "flash_mla_decode, 20, true",
        "flash_fwd_splitkv_kernel, 71, false",
        "void cutlass::GemmLayout<16>(P), 10, false",
    })
    void fewHitsInL2AreToldOfAttention(String kernel, String hit, boolean told) throws IOException {
        List<Finding> found = run(
                "hw/l2",
                ncu(
                        kernel,
                        Map.of(
                                "gpu__time_duration.sum", "80000",
                                "lts__t_sector_hit_rate.pct", hit,
                                "gpu__dram_throughput.avg.pct_of_peak_sustained_elapsed", "88.5")));
        assertThat(found).hasSize(told ? 1 : 0);
        found.forEach(f -> assertThat(f.title()).contains(kernel, "88.5 %"));
    }

    /// A file in the tool's form: its messages, the header, the units, one launch.
    private Path ncu(String kernel, Map<String, String> metrics) throws IOException {
        List<String> names = metrics.keySet().stream().sorted().toList();
        List<String> header =
                new ArrayList<>(List.of("ID", "Process ID", "Process Name", "Host Name", "Kernel Name", "Context"));
        header.addAll(List.of("Stream", "Block Size", "Grid Size", "Device", "CC"));
        List<String> units = new ArrayList<>(header.stream().map(h -> "").toList());
        List<String> row = new ArrayList<>(List.of("0", "1251", "python3.12", "127.0.0.1", kernel, "1", "7"));
        row.addAll(List.of("(384, 1, 1)", "(4, 19, 1)", "0", "9.0"));
        for (String name : names) {
            header.add(name);
            units.add(name.endsWith("duration.sum") ? "ns" : "%");
            row.add(metrics.get(name));
        }
        String text =
                "==PROF== Connected to process 1251 (/usr/bin/python3.12)\n==PROF== Disconnected from process 1251\n"
                        + quoted(header) + quoted(units) + quoted(row);
        return Files.writeString(folder.resolve("ncu.csv"), text);
    }

    private static String quoted(List<String> cells) {
        return "\"" + String.join("\",\"", cells) + "\"\n";
    }

    // nvidia-smi: clocks, power, reasons.

    @ParameterizedTest
    @CsvSource({
        "1250, 0x0000000000000004, the power limit, nvidia-smi -pl",
        "1250, 0x0000000000000024, the power limit, nvidia-smi -pl",
        "1250, 0x0000000000000020, heat, cooling",
        "1250, 0x0000000000000048, heat, cooling",
        "1250, 0x0000000000000088, the power brake, power supply",
        "1250, 0x0000000000000008, heat or the power brake, HW Power Brake",
        "1250, 0x0000000000000002, a clock setting, nvidia-smi -rac",
        "1250, 0x0000000000000000, no reason, nvidia-smi -rgc",
    })
    void aClockThatIsHeldBackIsTheNeckOfArithmetic(int clock, String reason, String words, String remedy)
            throws IOException {
        Explanation e = explain(busy(COMPUTE_KERNEL), smi(t -> clock + " MHz", t -> reason));
        Finding first = e.findings().getFirst();
        assertThat(first.bound()).as(first.title()).isEqualTo(Bound.THROTTLE);
        assertThat(first.title()).contains("1250 MHz of 1980 MHz", words, "640 W");
        assertThat(first.remedy()).contains(remedy);
        assertThat(first.severity()).isEqualTo(Finding.Severity.CRITICAL);
        assertThat(first.share()).isCloseTo(1 - 1250.0 / 1980, within(0.02));
        assertThat(e.overall()).isEqualTo(Bound.THROTTLE);
    }

    /// One sample in which the device was hot does not make heat the reason.
    @Test
    void theReasonIsThatOfMostSamples() throws IOException {
        Explanation e = explain(
                busy(COMPUTE_KERNEL),
                smi(t -> "1300 MHz", t -> t % 20 == 7 ? "0x0000000000000040" : "0x0000000000000004"));
        assertThat(e.findings().getFirst().title()).contains("held back by the power limit", "100 %");
    }

    @Test
    void reasonsThatWereNotSampledAreNotClaimed() throws IOException {
        Explanation e = explain(busy(COMPUTE_KERNEL), smi(t -> "1250 MHz", t -> "[N/A]"));
        Finding first = e.findings().getFirst();
        assertThat(first.bound()).isEqualTo(Bound.THROTTLE);
        assertThat(first.title())
                .contains("reason was not recorded", "not sampled")
                .doesNotContain("0 %");
    }

    /// Full clock; a clock a little lower; bandwidth that the clock hardly moves; a GPU that mostly waits.
    @Test
    void aHealthyClockIsNotAccused() throws IOException {
        String idle = "0x0000000000000001";
        String none = "0x0000000000000000";
        for (Explanation e : List.of(
                explain(busy(COMPUTE_KERNEL), smi(t -> "1980 MHz", t -> none)),
                explain(busy(COMPUTE_KERNEL), smi(t -> "1905 MHz", t -> none)),
                explain(busy(MEMORY_KERNEL), smi(t -> "1605 MHz", t -> none)),
                explain(busy(MEMORY_KERNEL), smi(t -> "1605 MHz", t -> "0x0000000000000004")))) {
            assertThat(e.findings()).allMatch(f -> f.severity() == Finding.Severity.INFO);
            assertThat(e.overall().busy()).isTrue();
        }
        Explanation waits = explain(launchBound(), smi(t -> "1200 MHz", t -> idle));
        assertThat(waits.overall()).isEqualTo(Bound.LAUNCH);
        assertThat(of(waits, "bound/throttle")).isEmpty();
    }

    private Path busy(String kernel) throws IOException {
        SyntheticTrace trace = new SyntheticTrace(1).named(kernel);
        for (int i = 0; i < STEPS; i++) {
            trace.step("decode_" + i, () -> {
                for (int k = 0; k < 20; k++) {
                    trace.kernel(0, 7, 9_000, 10_000_000);
                }
                trace.sync(0, 7);
            });
        }
        return trace.write(folder.resolve("busy.json"));
    }

    private Path launchBound() throws IOException {
        SyntheticTrace trace = new SyntheticTrace(2);
        for (int i = 0; i < STEPS; i++) {
            trace.step("decode_" + i, () -> {
                for (int k = 0; k < 2_000; k++) {
                    trace.kernel(0, 7, 100_000, 2_000);
                }
                trace.sync(0, 7);
            });
        }
        return trace.write(folder.resolve("launch.json"));
    }

    /// `nvidia-smi --query-gpu=… --format=csv -lms 20`, over the 1.2 s of the timeline.
    private Path smi(LongFunction<String> clock, LongFunction<String> reason) throws IOException {
        StringBuilder csv = new StringBuilder("timestamp, index, power.draw [W], clocks.current.sm [MHz],"
                + " clocks.max.sm [MHz], clocks_event_reasons.active\n");
        DateTimeFormatter form = DateTimeFormatter.ofPattern("yyyy/MM/dd HH:mm:ss.SSS", Locale.ROOT)
                .withZone(ZoneId.systemDefault());
        for (long i = 0; i < 60; i++) {
            csv.append(form.format(Instant.ofEpochMilli(START_MS + i * 20)))
                    .append(", 0, 640.12 W, ")
                    .append(clock.apply(i))
                    .append(", 1980 MHz, ")
                    .append(reason.apply(i))
                    .append('\n');
        }
        return Files.writeString(folder.resolve("nvidia-smi.csv"), csv.toString());
    }

    // NVML's GPM: activity of DRAM and tensor cores.

    @ParameterizedTest
    @CsvSource({
        "86.0, 12.0, MEMORY, sampled counters (DRAM bandwidth)",
        "21.0, 64.0, COMPUTE, sampled counters (tensor cores)",
        "18.0, 3.0, DEVICE, do not tell",
    })
    void samplesTellWhetherMemoryOrArithmeticLimitsKernelsOfUnknownNames(
            String dram, String tensor, Bound bound, String basis) throws IOException {
        Explanation e = explain(busy(UNKNOWN_KERNEL), gpm(dram, tensor));
        Finding first = e.findings().getFirst();
        assertThat(first.id()).isEqualTo("bound/device");
        assertThat(first.bound()).as(first.title()).isEqualTo(bound);
        assertThat(first.title()).contains(basis);
        assertThat(first.remedy())
                .contains(
                        switch (bound) {
                            case MEMORY -> "fewer bytes";
                            case COMPUTE -> "FP8 products";
                            default -> "cannot tell";
                        });
        assertThat(e.findings()).allMatch(f -> f.severity() == Finding.Severity.INFO);
    }

    private Path gpm(String dram, String tensor) throws IOException {
        StringBuilder csv = new StringBuilder("unix_s,sm_util,any_tensor_util,dram_bw_util,power_mw,sm_mhz\n");
        for (int i = 0; i < 12; i++) {
            csv.append(String.format(
                    Locale.ROOT, "%.6f,97.1,%s,%s,512345,1980%n", START_MS / 1e3 + i * 0.1, tensor, dram));
        }
        return Files.writeString(folder.resolve("nvml_gpm.csv"), csv.toString());
    }

    // The model's arithmetic, where neither shapes nor names tell.

    /// Llama 3.1 8B in bf16 on an H100. A decode step of 8 sequences reads 15.0 GB of weights and 1.07 GB of KV cache,
    /// 4.8 ms at 3.35 TB/s; a prompt of 8192 tokens is about 2 · 7.5e9 · 8192 FLOP, 125 ms at 989 TFLOP/s.
    @ParameterizedTest
    @CsvSource({
        "decode, 8, MEMORY, of the memory bandwidth, fewer bytes",
        "prefill, 200, COMPUTE, of the arithmetic, FP8 products",
        "decode, 80, DEVICE, do not tell, cannot tell",
    })
    void theModelsArithmeticTellsWhatLimitsKernelsOfUnknownNames(
            String stage, long stepMs, Bound bound, String said, String remedy) throws IOException {
        SyntheticTrace trace = new SyntheticTrace(9).named(UNKNOWN_KERNEL);
        for (int i = 0; i < STEPS; i++) {
            trace.step(stage + "_" + i, () -> {
                for (int k = 0; k < 20; k++) {
                    trace.kernel(0, 7, 9_000, stepMs * 50_000);
                }
                trace.sync(0, 7);
            });
        }
        Path session = imported(trace.write(folder.resolve("model.json")));
        DeviceSpec h100 = DeviceTable.find("h100-sxm").orElseThrow();
        Explanation without;
        TimedSteps steps;
        Peaks peaks;
        try (Session opened = Session.open(session)) {
            without = Explainer.explain(opened, Optional.of(h100));
            boolean prompt = stage.equals("prefill");
            steps = TimedSteps.of(
                    opened,
                    new TimedSteps.Given(
                            OptionalLong.of(prompt ? 1 : 8),
                            OptionalLong.of(8192),
                            OptionalLong.of(prompt ? 0 : 1024)));
            peaks = Peaks.of(opened, Optional.of(h100));
        }
        assertThat(without.findings().getFirst().bound()).isEqualTo(Bound.DEVICE);
        assertThat(without.findings().getFirst().remedy()).contains("cannot tell", "--model");

        Path config = Path.of("../benchmarks/model-oracle/configs/llama-3.1-8b.json");
        StepCosts.write(new SessionLayout(session), ModelReader.read(config), peaks, steps);
        try (Session opened = Session.open(session)) {
            Finding first =
                    Explainer.explain(opened, Optional.of(h100)).findings().getFirst();
            assertThat(first.bound()).as(first.title()).isEqualTo(bound);
            assertThat(first.title()).contains(said);
            assertThat(first.remedy()).contains(remedy);
        }
    }

    // ProfileMate: KV cache and preemptions.

    @ParameterizedTest
    @CsvSource({
        "70, 2, , none",
        "96, 2, , info",
        "96, 12, , warning",
        "12, 0, , info",
        "97, 0, 3, warning",
        "55, 0, 0, none",
    })
    void aFullKvCacheIsAFaultWhereItHoldsRequestsBack(double percent, int preemptions, Integer waiting, String severity)
            throws IOException {
        Path session = Files.createDirectories(folder.resolve("session_" + percent + "_" + preemptions));
        StringBuilder usage = new StringBuilder("timestamp_sec,usage_pct,num_blocks,total_blocks\r\n");
        for (int i = 0; i < 20; i++) {
            usage.append(String.format(
                    Locale.ROOT, "%.3f,%.2f,%d,2000\r%n", i * 0.5, percent + i % 2 * 2 - 1, (int) (percent * 20)));
        }
        Files.writeString(session.resolve("kv_cache_usage.csv"), usage.toString());
        if (waiting != null) {
            StringBuilder batches =
                    new StringBuilder("timestamp_sec,num_seqs,max_num_seqs,seq_utilization_pct,num_tokens,"
                            + "max_tokens,token_utilization_pct,phase,running_queue_len,waiting_queue_len\r\n");
            for (int i = 0; i < 20; i++) {
                batches.append(i * 0.5 + ",8,256,3.12,8,8192,0.10,decode,8," + waiting + "\r\n");
            }
            Files.writeString(session.resolve("batch_utilization.csv"), batches.toString());
        }
        boolean lost = severity.equals("warning") && waiting == null;
        if (lost) {
            Files.writeString(session.resolve("preemption_events.csv"), events(preemptions, 0));
        }
        List<Finding> found = run("engine/kv_cache", session);
        assertThat(found.stream().map(f -> f.severity().key()).findFirst().orElse("none"))
                .isEqualTo(severity);
        found.forEach(f -> assertThat(f.remedy())
                .contains(percent > 50 ? "raise --gpu-memory-utilization" : "--max-num-seqs where that limits it"));
        if (lost) {
            assertThat(found.getFirst().title()).contains("96.0 %", "12 preemptions");
        }
    }

    /// Real runs write preempted events alone: then of how many requests is not known.
    @ParameterizedTest
    @CsvSource({
        "3, 0, info, of how many in all is not recorded",
        "3, 20, warning, 15.0 % of 20 requests",
        "1, 40, none, ''",
    })
    void preemptionsAreHeldAgainstTheRequestsThatStarted(int preempted, int started, String severity, String often)
            throws IOException {
        Path session = Files.createDirectories(folder.resolve("session"));
        Files.writeString(session.resolve("preemption_events.csv"), events(preempted, started));
        List<Finding> found = run("engine/preemption", session);
        assertThat(found.stream().map(f -> f.severity().key()).findFirst().orElse("none"))
                .isEqualTo(severity);
        found.forEach(f -> assertThat(f.title())
                .contains(often, preempted + " times", "77 tokens".replace("77", String.valueOf(77 * preempted))));
    }

    private static String events(int preempted, int started) {
        StringBuilder rows = new StringBuilder("timestamp_sec,request_id,event,reason,running_time_sec,extra_info\r\n");
        for (int i = 0; i < started; i++) {
            rows.append(i * 0.1 + ",req-" + i + ",started,,0.000,\r\n");
        }
        for (int i = 0; i < preempted; i++) {
            rows.append(4.5 + i + ",req-" + i + ",preempted,RECOMPUTE,1.250,num_blocks=77\r\n");
        }
        return rows.toString();
    }

    // What a vLLM or SGLang server answers to a scrape.

    @Test
    void aVllmThatPreemptsIsAccusedByItsOwnMetrics() throws IOException {
        Finding found = run("engine/metrics", vllm(0.98, 40, 6, 5)).getFirst();
        assertThat(found.severity()).isEqualTo(Finding.Severity.WARNING);
        // Counters grow by these between the first and the last of three scrapes.
        assertThat(found.title()).contains("98.0 %", "12 preemptions while 80 requests ended");
    }

    @Test
    void aVllmWithRoomIsNot() throws IOException {
        assertThat(run("engine/metrics", vllm(0.72, 40, 0, 0))).isEmpty();
        // Full, and nobody waits: worth a word, no fault.
        assertThat(run("engine/metrics", vllm(0.95, 40, 0, 0)))
                .singleElement()
                .satisfies(f -> assertThat(f.severity()).isEqualTo(Finding.Severity.INFO))
                .satisfies(f -> assertThat(f.title()).contains("no request was held back"));
    }

    private Path vllm(double usage, int finished, int preempted, int waiting) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 3; i++) {
            String labels = "{engine=\"0\",model_name=\"m\"} ";
            text.append("# scraped_at ").append(1_700_000_000 + i * 5).append(".5\n");
            text.append("# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running")
                    .append(labels)
                    .append("32.0\n");
            text.append("# TYPE vllm:num_requests_waiting gauge\nvllm:num_requests_waiting")
                    .append(labels)
                    .append(waiting)
                    .append(".0\n");
            text.append("# TYPE vllm:kv_cache_usage_perc gauge\nvllm:kv_cache_usage_perc")
                    .append(labels)
                    .append(usage)
                    .append('\n');
            text.append("# TYPE vllm:num_preemptions counter\nvllm:num_preemptions_total")
                    .append(labels)
                    .append(9 + preempted * i)
                    .append(".0\n");
            text.append("# TYPE vllm:request_success counter\n");
            text.append("vllm:request_success_total{engine=\"0\",finished_reason=\"stop\",model_name=\"m\"} ")
                    .append(100 + finished * i)
                    .append(".0\n");
            text.append("vllm:request_success_total{engine=\"0\",finished_reason=\"length\",model_name=\"m\"} 3.0\n");
        }
        return Files.writeString(
                folder.resolve("vllm" + usage + ".prom"), text.append("# EOF\n").toString());
    }

    private static List<Finding> of(Explanation e, String id) {
        return e.findings().stream().filter(f -> f.id().equals(id)).toList();
    }

    /// What one analysis finds in a session without a timeline.
    private List<Finding> run(String id, Path input) throws IOException {
        Path session = imported(input);
        try (Session opened = Session.open(session)) {
            return new AnalysisRunner(opened).run(AnalysisLibrary.find(id)) instanceof Outcome.Findings found
                    ? found.findings()
                    : List.of();
        }
    }

    private Explanation explain(Path... inputs) throws IOException {
        try (Session opened = Session.open(imported(inputs))) {
            return Explainer.explain(opened);
        }
    }

    private Path imported(Path... inputs) throws IOException {
        Path session = Files.createTempDirectory(folder, "s");
        new TraceImport(TraceImport.Options.DEFAULT, bytes -> {})
                .into(Arrays.asList(inputs), session.resolve("session.duckdb"));
        return session;
    }
}
