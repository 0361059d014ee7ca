package dev.hourglass.device.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.trace.Collector;
import dev.hourglass.device.ffi.nvml.FakeNvml;
import dev.hourglass.device.ffi.nvml.NvmlDevice;
import dev.hourglass.device.ffi.nvml.NvmlFunction;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What reaches `hw_sample` and `metadata` of a library that answers known values.
class GpuSamplingTest {
    private static final long MS = 1_000_000;

    private long now = 5_000 * MS;
    private final RowList rows = new RowList();

    private static GpuSampling sampling(FakeNvml library) {
        return sampling(library, new GpuSampling.Wishes(Set.of(), Optional.empty(), GpuSampling.PACE));
    }

    private static GpuSampling sampling(FakeNvml library, GpuSampling.Wishes wishes) {
        return GpuSampling.of(FakeNvml.opened(library), wishes, () -> Set.of(4001L));
    }

    private static Collector only(List<Paced> groups, String name) {
        return groups.stream()
                .filter(group -> group.name().equals(name))
                .findFirst()
                .orElseThrow()
                .collectors()
                .getFirst();
    }

    private List<Map<String, Object>> of(String device, String metric) {
        return rows.rows.stream()
                .filter(row -> device.equals(row.get("device")) && metric.equals(row.get("metric")))
                .toList();
    }

    private double value(String device, String metric) {
        assertThat(of(device, metric)).as(device + " " + metric).hasSize(1);
        return (double) of(device, metric).getFirst().get("value");
    }

    private String unit(String device, String metric) {
        return String.valueOf(of(device, metric).getFirst().get("unit"));
    }

    @Test
    void aSampleIsInTheUnitsOfTheTable() {
        only(sampling(new FakeNvml()).collectors(() -> now), "nvml").sample(rows);

        assertThat(value("gpu:0", "power")).isEqualTo(350.25);
        assertThat(value("gpu:0", "power_instant")).isEqualTo(401.5);
        assertThat(value("gpu:0", "power_limit")).isEqualTo(500);
        assertThat(unit("gpu:0", "power_limit")).isEqualTo("W");
        assertThat(value("gpu:0", "sm_clock")).isEqualTo(1756);
        assertThat(value("gpu:0", "sm_clock_max")).isEqualTo(1980);
        assertThat(value("gpu:0", "gpu_util")).isEqualTo(0.97);
        assertThat(value("gpu:0", "mem_used")).isEqualTo(62_368_055_296.0);
        assertThat(value("gpu:0", "throttle")).isEqualTo(0x24);
        assertThat(unit("gpu:0", "throttle")).isEqualTo("bits");
        assertThat(value("gpu:0", "mem_temperature")).isEqualTo(58);
        assertThat(value("gpu:1", "pcie_gen")).isEqualTo(1);
        assertThat(of("gpu:1", "mem_temperature")).as("it has no such sensor").isEmpty();
        assertThat(rows.rows).allSatisfy(row -> assertThat(row.get("ts")).isEqualTo(now));
    }

    /// Whatever changes slowly is asked once a second; limits are written when they change.
    @Test
    void whatChangesSlowlyIsSampledSlowly() {
        Collector nvml = only(sampling(new FakeNvml()).collectors(() -> now), "nvml");
        for (int i = 0; i < 21; i++) {
            nvml.sample(rows);
            now += 100 * MS;
        }
        assertThat(of("gpu:0", "power")).hasSize(21);
        assertThat(of("gpu:0", "temperature")).hasSize(3);
        assertThat(of("gpu:0", "power_limit")).hasSize(3);
        assertThat(of("gpu:0", "power_limit_max")).hasSize(1);
    }

    @Test
    void whoseMemoryItIsFollowsFromTheCommandsProcesses() {
        long self = ProcessHandle.current().pid();
        FakeNvml library = new FakeNvml()
                .running(
                        new NvmlDevice.User(4001, 3_000),
                        new NvmlDevice.User(self, 40),
                        new NvmlDevice.User(4_000_000, 5),
                        new NvmlDevice.User(4_000_001, -1));
        only(sampling(library).collectors(() -> now), "nvml").sample(rows);

        assertThat(value("gpu:0", "mem_used_command")).isEqualTo(3_000);
        assertThat(value("gpu:0", "mem_used_others")).isEqualTo(40);
        assertThat(value("gpu:0", "mem_used_unseen")).isEqualTo(5);
    }

    @Test
    void gpmSaysTheWindowThatItIsOver() {
        Collector gpm = only(sampling(new FakeNvml()).collectors(() -> now), "gpm");
        gpm.sample(rows);
        assertThat(rows.rows).as("the base of the next one").isEmpty();
        now += 104 * MS;
        gpm.sample(rows);

        assertThat(value("gpu:0", "sm_active")).isEqualTo(0.0225);
        assertThat(value("gpu:0", "tensor_active")).isEqualTo(0.0525);
        assertThat(value("gpu:0", "dram_active")).isEqualTo(10.25 * 1e-2);
        assertThat(value("gpu:0", "pcie_rx")).isEqualTo(21.25 * (1 << 20));
        assertThat(unit("gpu:0", "pcie_rx")).isEqualTo("B/s");
        assertThat(of("gpu:0", "nvlink_rx"))
                .as("the library has no such metric")
                .isEmpty();
        assertThat(of("gpu:1", "sm_active")).as("the card has no GPM").isEmpty();
        assertThat(of("gpu:0", "sm_active").getFirst().get("dur")).isEqualTo(104 * MS);
    }

    /// The library refuses samples that lie nearer, and whoever is late must not make the next one too early.
    @Test
    void samplesOfGpmNeverLieTooNear() {
        Collector gpm = only(sampling(new FakeNvml()).collectors(() -> now), "gpm");
        for (long gap : List.of(0L, 150L, 60L, 40L, 1L, 250L)) {
            now += gap * MS;
            gpm.sample(rows);
        }
        assertThat(of("gpu:0", "sm_active").stream().map(row -> (long) row.get("dur") / MS))
                .containsExactly(150L, 101L, 250L);
    }

    @Test
    void samplesOfGpmAreGivenBackAtTheEnd() {
        FakeNvml library = new FakeNvml();
        sampling(library)
                .collectors(() -> now)
                .forEach(group -> group.collectors().forEach(Collector::close));

        assertThat(library.samplesLeft()).isZero();
    }

    @Test
    void aGpuWithoutGpmTellsItsTrafficByNvmlAndWhy() {
        GpuSampling sampling = sampling(new FakeNvml().withoutGpm());
        Collector link = only(sampling.collectors(() -> now), "pcie");
        link.sample(rows);
        link.sample(rows);

        assertThat(sampling.collectors(() -> now)).extracting(Paced::name).containsExactly("nvml", "pcie");
        assertThat(value("gpu:0", "pcie_tx")).isEqualTo(1e6);
        assertThat(value("gpu:1", "pcie_rx")).isEqualTo(2e6);
        assertThat(of("gpu:0", "pcie_tx").getFirst().get("dur")).isEqualTo(20 * MS);
        assertThat(sampling.facts().get("gpu.0.gpm"))
                .startsWith("not measured, because the card has no GPM")
                .contains("there is NVML: gpu_util");
        assertThat(sampling.withoutGpm().keySet()).containsExactly("gpu:0", "gpu:1");
    }

    @Test
    void factsSayLimitsAndHighestAndWhatIsNotTold() {
        Map<String, String> facts = sampling(new FakeNvml()).facts();

        assertThat(facts)
                .containsEntry("gpu.driver", "580.159.04")
                .containsEntry("gpu.cuda", "13.0")
                .containsEntry("gpu.0.name", "NVIDIA H100 80GB HBM3")
                .containsEntry("gpu.0.power_limit_w", "500")
                .containsEntry("gpu.0.power_limit_default_w", "700")
                .containsEntry("gpu.0.power_limit_min_w", "200")
                .containsEntry("gpu.0.power_limit_max_w", "700")
                .containsEntry("gpu.0.sm_clock_max_mhz", "1980")
                .containsEntry("gpu.0.pcie_gen_max", "5")
                .containsEntry("gpu.0.mem_reserved_bytes", "500000000")
                .containsEntry("gpu.0.temperature_slowdown_c", "89")
                .containsEntry("gpu.0.ecc", "on")
                .containsEntry("gpu.0.mig", "off")
                .containsEntry("gpu.0.gpm", "measured")
                .containsEntry("gpu.1.mig", "not measured, because nvmlDeviceGetMigMode: Not Supported (3)");
        assertThat(facts.get("gpu.0.clock_reasons_supported")).startsWith("idle, application clocks setting");
    }

    @Test
    void onlyTheWantedGpusAreSampledAndCalledAsTheCommandKnowsThem() {
        GpuSampling.Wishes wishes = new GpuSampling.Wishes(Set.of(1), Optional.of("1"), Duration.ofMillis(50));
        GpuSampling sampling = sampling(new FakeNvml(), wishes);
        only(sampling.collectors(() -> now), "nvml").sample(rows);

        assertThat(sampling.labels()).containsExactly("gpu:0");
        assertThat(sampling.facts()).containsEntry("gpu.0.name", "NVIDIA A10").containsEntry("gpu.0.nvml_index", "1");
        assertThat(rows.rows).extracting(row -> row.get("device")).containsOnly("gpu:0");
        assertThat(sampling.collectors(() -> now).getFirst().pace()).isEqualTo(Duration.ofMillis(50));
    }

    @Test
    void withoutADriverNothingIsSampledAndTheFactSaysWhy() {
        GpuSampling sampling = sampling(new FakeNvml().failing(NvmlFunction.INIT, 9));

        assertThat(sampling.collectors()).isEmpty();
        assertThat(sampling.unavailable()).contains("nvmlInit_v2: Driver Not Loaded (9)");
        assertThat(sampling.remedy().orElseThrow()).contains("modprobe nvidia");
        assertThat(sampling.facts())
                .isEqualTo(Map.of("gpu.nvml", "not measured, because nvmlInit_v2: Driver Not Loaded (9)"));
    }

    /// A GPU may be lost while it is sampled: the others go on, and so does the recording.
    @Test
    void whatIsRefusedLaterIsLeftOut() {
        FakeNvml library = new FakeNvml();
        List<Paced> groups = sampling(library).collectors(() -> now);
        for (NvmlFunction function : NvmlFunction.values()) {
            library.failing(function, 15);
        }
        groups.forEach(group -> group.collectors().forEach(collector -> collector.sample(rows)));

        assertThat(rows.rows).isEmpty();
    }

    @Test
    void whatADriverRefusesIsListedInItsWords() {
        assertThat(sampling(new FakeNvml().failing(NvmlFunction.PROCESSES, 4)).refused())
                .containsExactly(
                        "gpu:0 nvmlDeviceGetComputeRunningProcesses_v3: Unknown Error (4)",
                        "gpu:1 nvmlDeviceGetComputeRunningProcesses_v3: Unknown Error (4)");
    }
}
