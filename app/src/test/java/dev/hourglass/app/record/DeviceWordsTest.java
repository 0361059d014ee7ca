package dev.hourglass.app.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.app.record.ProfileRequest.DeviceChoice;
import dev.hourglass.app.record.ProfileRequest.DeviceChoice.Where;
import dev.hourglass.core.store.RefusedException;
import dev.hourglass.device.llama.CudaEngine;
import dev.hourglass.device.llama.Placement.Experts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class DeviceWordsTest {
    private static final CudaEngine.Lack LACK = new CudaEngine.Lack("engine", "no libggml-cuda.so", "get one");
    private static final CudaEngine.Gpu GPU = new CudaEngine.Gpu(0, "NVIDIA H200", 90, 140L << 30, 13_000);

    private final List<String> warnings = new ArrayList<>();

    private final RunProgress progress = new RunProgress() {
        @Override
        public void phase(String title) {}

        @Override
        public void step(long done, long total) {}

        @Override
        public void warn(String message) {
            warnings.add(message);
        }

        @Override
        public void finished() {}
    };

    private static DeviceChoice read(String device, String experts, String layers) {
        return DeviceWords.read(device, OptionalInt.empty(), experts, layers, false);
    }

    @Test
    void wordsAreRead() {
        assertThat(read("gpu:3", "", "").gpu()).isEqualTo(3);
        assertThat(read("gpu:3", "", "").where()).isEqualTo(Where.GPU);
        assertThat(read("hybrid", "cpu-repacked", "0-2,7").experts()).contains(Experts.CPU_REPACKED);
        assertThat(read("hybrid", "", "0-2,7").expertLayersOnGpu()).containsExactlyInAnyOrder(0, 1, 2, 7);
    }

    @Test
    void whatCannotBeMeantIsRefused() {
        assertThatThrownBy(() -> read("gpu:x", "", "")).isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> read("hybrid", "cpu-pined", "")).hasMessageContaining("cpu-pinned");
        assertThatThrownBy(() -> read("hybrid", "", "1..3")).hasMessageContaining("0-11,24");
        assertThatThrownBy(() -> read("cpu", "fetch", "")).hasMessageContaining("leave one side out");
    }

    @Test
    void withoutAGpuOrAnEngineForItTheCpuComputesUnlessAGpuWasAskedFor() {
        CudaEngine none = new CudaEngine.Absent(LACK, Optional.empty());
        assertThat(DeviceWords.decide(read("auto", "", ""), none, Path.of("x"), progress))
                .isEmpty();
        assertThat(warnings).isEmpty();
        assertThatThrownBy(() -> DeviceWords.decide(read("gpu", "", ""), none, Path.of("x"), progress))
                .hasMessage("no libggml-cuda.so; get one");
        assertThatThrownBy(() -> DeviceWords.decide(read("auto", "fetch", ""), none, Path.of("x"), progress))
                .isInstanceOf(RefusedException.class);
    }

    @Test
    void aGpuThatIsThereAndNotUsedIsNamed() {
        CudaEngine none = new CudaEngine.Absent(LACK, Optional.of(GPU));
        assertThat(DeviceWords.decide(read("auto", "", ""), none, Path.of("x"), progress))
                .isEmpty();
        assertThat(warnings).containsExactly("NVIDIA H200 is not used: no libggml-cuda.so; get one");
    }

    @Test
    void whereTheModelGoesFollowsFromWhatFits() {
        assertThat(DeviceRecorder.placement(read("auto", "", ""), true, true, OptionalInt.empty())
                        .experts())
                .isEqualTo(Experts.GPU);
        assertThat(DeviceRecorder.placement(read("auto", "", ""), false, true, OptionalInt.empty())
                        .experts())
                .isEqualTo(Experts.CPU_PINNED);
        assertThat(DeviceRecorder.placement(read("hybrid", "", ""), true, true, OptionalInt.empty())
                        .experts())
                .isEqualTo(Experts.CPU_PINNED);
        assertThat(DeviceRecorder.placement(read("hybrid", "fetch", ""), true, true, OptionalInt.empty())
                        .experts())
                .isEqualTo(Experts.FETCH);
        assertThat(DeviceRecorder.placement(read("auto", "", ""), false, false, OptionalInt.of(9))
                        .gpuLayers())
                .hasValue(9);
    }
}
