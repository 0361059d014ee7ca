package dev.hourglass.device.ffi.nvml;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.device.ffi.nvml.NvmlDevice.Clock;
import dev.hourglass.device.ffi.nvml.NvmlDevice.Field;
import dev.hourglass.device.ffi.nvml.NvmlDevice.Threshold;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What holds for any library: the same two GPUs, told by Java or by C.
abstract class NvmlContract {
    private Nvml nvml;
    private NvmlDevice h100;
    private NvmlDevice a10;

    /// The library of the two GPUs.
    abstract NvmlCalls library();

    @BeforeEach
    void open() {
        nvml = ((Nvml.Opened) Nvml.open(library(), "a fake")).nvml();
        List<NvmlDevice> devices = nvml.devices().found().orElseThrow();
        h100 = devices.get(0);
        a10 = devices.get(1);
    }

    @AfterEach
    void close() {
        nvml.close();
    }

    @Test
    void theDriverSaysItsVersions() {
        assertThat(nvml.driver().found()).contains("580.159.04");
        assertThat(nvml.version().found()).contains("13.580.159.04");
        assertThat(nvml.cuda().found()).contains("13.0");
    }

    @Test
    void aGpuIsKnownByNameNumberAndPlace() {
        assertThat(h100.name().found()).contains("NVIDIA H100 80GB HBM3");
        assertThat(a10.name().found()).contains("NVIDIA A10");
        assertThat(h100.uuid().found()).contains("GPU-00000000-aaaa-bbbb-cccc-dddddddddddd");
        assertThat(a10.bus().found()).contains("00000000:3B:00.0");
        assertThat(a10.computeCapability().found()).contains(new NvmlDevice.Pair(8, 6));
        assertThat(h100.busWidth().found()).contains(5120L);
    }

    @Test
    void powerComesWithAllItsLimits() {
        assertThat(h100.power().found()).contains(350_250L);
        assertThat(h100.field(Field.POWER_INSTANT).found()).contains(401_500L);
        assertThat(h100.powerLimit().found()).contains(500_000L);
        assertThat(h100.defaultPowerLimit().found()).contains(700_000L);
        assertThat(h100.powerLimits().found()).contains(new NvmlDevice.Pair(200_000, 700_000));
    }

    @Test
    void clocksAreThoseOfTheirDomain() {
        assertThat(h100.clock(Clock.GRAPHICS).found()).contains(1755L);
        assertThat(h100.clock(Clock.SM).found()).contains(1756L);
        assertThat(h100.clock(Clock.MEMORY).found()).contains(2619L);
        assertThat(h100.maxClock(Clock.SM).found()).contains(1980L);
    }

    @Test
    void temperaturesComeWithTheirThresholds() {
        assertThat(h100.temperature().found()).contains(47L);
        assertThat(h100.threshold(Threshold.SHUTDOWN).found()).contains(92L);
        assertThat(h100.threshold(Threshold.SLOWDOWN).found()).contains(89L);
        assertThat(h100.threshold(Threshold.MEMORY_MAX).found()).contains(95L);
        assertThat(h100.threshold(Threshold.GPU_MAX).found()).contains(87L);
        assertThat(h100.field(Field.MEMORY_TEMPERATURE).found()).contains(58L);
    }

    @Test
    void useAndMemoryAreReadFromTheirStructs() {
        assertThat(h100.utilisation().found()).contains(new NvmlDevice.Utilisation(97, 41));
        assertThat(h100.memory().found())
                .contains(new NvmlDevice.Memory(85_520_809_984L, 62_368_055_296L, 22_652_754_688L, 500_000_000L));
    }

    @Test
    void theLinkSaysWhatItIsAndCouldBe() {
        assertThat(a10.linkGeneration().found()).contains(1L);
        assertThat(a10.linkGenerationMax().found()).contains(4L);
        assertThat(a10.linkWidth().found()).contains(16L);
        assertThat(a10.linkSent().found()).contains(1000L);
        assertThat(a10.linkReceived().found()).contains(2000L);
    }

    @Test
    void whatHoldsTheClockBackIsSaidInWords() {
        assertThat(h100.clockReasons().map(ClockReason::words).found())
                .contains("software power cap, software thermal slowdown");
        assertThat(a10.clockReasons().map(ClockReason::words).found()).contains("idle");
        assertThat(h100.clockReasonsSupported().map(ClockReason::of).found().orElseThrow())
                .containsExactly(ClockReason.values());
    }

    @Test
    void whatAGpuDoesNotHaveIsAReasonInTheLibrarysWords() {
        assertThat(h100.ecc().found()).contains(true);
        assertThat(h100.mig().found()).contains(false);
        assertThat(a10.mig().why()).contains("nvmlDeviceGetMigMode: Not Supported (3)");
        assertThat(a10.field(Field.MEMORY_TEMPERATURE).why())
                .contains("nvmlDeviceGetFieldValues: Not Supported (3)");
    }

    /// More than there is room for at first, and one whose memory is not told.
    @Test
    void allProcessesAreListed() {
        List<NvmlDevice.Process> processes = h100.processes().found().orElseThrow();

        assertThat(processes).hasSize(70);
        assertThat(processes.getFirst()).isEqualTo(new NvmlDevice.Process(4000, 1_000_000));
        assertThat(processes.getLast()).isEqualTo(new NvmlDevice.Process(4069, -1));
        assertThat(a10.processes().found()).contains(List.of());
    }

    @Test
    void gpmIsOverTheTimeBetweenTwoSamples() {
        assertThat(h100.gpm().found()).contains(true);
        assertThat(a10.gpm().found()).contains(false);
        try (GpmWindow window = GpmWindow.open(h100).found().orElseThrow()) {
            assertThat(window.sample().why()).isEmpty();
            assertThat(window.metrics().why()).contains("nvmlGpmMetricsGet: Invalid Argument (2)");
            for (int again = 0; again < 3; again++) {
                assertThat(window.sample().why()).isEmpty();
                Map<GpmMetric, Double> metrics = window.metrics().found().orElseThrow();
                assertThat(metrics)
                        .containsEntry(GpmMetric.SM_UTIL, 2.25)
                        .containsEntry(GpmMetric.PCIE_RX, 21.25)
                        .doesNotContainKeys(GpmMetric.NVLINK_RX, GpmMetric.NVLINK_TX)
                        .hasSize(GpmMetric.values().length - 2);
            }
        }
    }
}
