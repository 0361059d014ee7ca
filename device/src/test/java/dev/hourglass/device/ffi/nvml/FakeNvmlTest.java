package dev.hourglass.device.ffi.nvml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class FakeNvmlTest extends NvmlContract {
    @Override
    NvmlCalls library() {
        return new FakeNvml();
    }

    private static NvmlDevice first(FakeNvml calls) {
        Nvml nvml = ((Nvml.Opened) Nvml.open(calls, "a fake")).nvml();
        return nvml.devices().found().orElseThrow().getFirst();
    }

    @Test
    void aDriverThatIsNotLoadedIsAReasonWithARemedy() {
        Nvml.Opening opening = Nvml.open(new FakeNvml().failing(NvmlFunction.INIT, 9), "a fake");

        assertThat(opening).isInstanceOfSatisfying(Nvml.Absent.class, absent -> {
            assertThat(absent.reason()).isEqualTo("nvmlInit_v2: Driver Not Loaded (9)");
            assertThat(absent.remedy()).contains("modprobe nvidia");
        });
    }

    @Test
    void aLibraryWithoutTheFirstFunctionIsTooOld() {
        assertThat(Nvml.open(new FakeNvml().without(NvmlFunction.INIT), "/old/libnvidia-ml.so.1"))
                .isInstanceOfSatisfying(Nvml.Absent.class, absent -> assertThat(absent.reason())
                        .contains("/old/libnvidia-ml.so.1 exports no nvmlInit_v2"));
    }

    /// Each function alone, whatever it is: no exception, and the others still answer.
    @Test
    void anyMissingFunctionIsAReadingWithAReason() {
        for (NvmlFunction function : List.of(NvmlFunction.values())) {
            if (function != NvmlFunction.INIT && function != NvmlFunction.COUNT && function != NvmlFunction.HANDLE) {
                NvmlDevice gpu = first(new FakeNvml().without(function));
                List<Reading<?>> all = List.of(
                        gpu.name(), gpu.uuid(), gpu.bus(), gpu.power(), gpu.powerLimit(), gpu.powerLimits(),
                        gpu.clock(NvmlDevice.Clock.SM), gpu.temperature(), gpu.utilisation(), gpu.memory(),
                        gpu.clockReasons(), gpu.ecc(), gpu.mig(), gpu.processes(), gpu.gpm(), GpmWindow.open(gpu));
                assertThat(all.stream().filter(reading -> reading.why().isPresent()))
                        .as(function.symbol())
                        .hasSizeLessThanOrEqualTo(1)
                        .allSatisfy(reading -> assertThat(reading.why().orElseThrow())
                                .contains("Function Not Found"));
            }
        }
    }

    @Test
    void theNameOfOlderDriversIsTriedWhereTheNewerFunctionIsMissing() {
        assertThat(first(new FakeNvml().without(NvmlFunction.CLOCK_REASONS)).clockReasons().why())
                .contains("nvmlDeviceGetCurrentClocksThrottleReasons: Function Not Found (13)");
    }

    @Test
    void theOlderMemoryCallStandsInAndSaysNothingOfTheReserved() {
        assertThat(first(new FakeNvml().without(NvmlFunction.MEMORY_V2)).memory().found())
                .contains(new NvmlDevice.Memory(85_520_809_984L, 62_868_055_296L, 22_652_754_688L, -1));
    }

    @Test
    void samplesOfGpmAreGivenBack() {
        FakeNvml calls = new FakeNvml();
        GpmWindow.open(first(calls)).found().orElseThrow().close();

        assertThat(calls.called()).contains(NvmlFunction.GPM_ALLOC, NvmlFunction.GPM_FREE);
        assertThat(calls.samplesLeft()).isZero();
    }
}
