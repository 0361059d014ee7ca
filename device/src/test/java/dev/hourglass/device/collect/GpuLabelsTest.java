package dev.hourglass.device.collect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GpuLabelsTest {
    private static final List<GpuLabels.Gpu> FOUR = List.of(
            new GpuLabels.Gpu(0, "GPU-aaaa0000"),
            new GpuLabels.Gpu(1, "GPU-bbbb1111"),
            new GpuLabels.Gpu(2, "GPU-bbbb2222"),
            new GpuLabels.Gpu(3, "GPU-cccc3333"));

    private static Map<Integer, String> labels(String visible) {
        return GpuLabels.of(FOUR, Optional.of(visible));
    }

    @Test
    void withoutTheVariableTheNumbersAreTheDrivers() {
        assertThat(GpuLabels.of(FOUR, Optional.empty()))
                .isEqualTo(Map.of(0, "gpu:0", 1, "gpu:1", 2, "gpu:2", 3, "gpu:3"));
    }

    @Test
    void aGpuHasTheNumberByWhichTheCommandKnowsIt() {
        assertThat(labels("3,1")).isEqualTo(Map.of(3, "gpu:0", 1, "gpu:1", 0, "other:0", 2, "other:2"));
    }

    @Test
    void theBeginningOfAnIdentifierNamesAGpu() {
        assertThat(labels("GPU-cccc,GPU-aaaa0000"))
                .isEqualTo(Map.of(3, "gpu:0", 0, "gpu:1", 1, "other:1", 2, "other:2"));
        assertThat(labels("MIG-GPU-bbbb2222/1/0")).containsEntry(2, "gpu:0");
    }

    /// As CUDA does: what stands behind an entry that names nothing is not seen.
    @Test
    void theListEndsAtTheFirstEntryThatNamesNoGpu() {
        assertThat(labels("1,9,0")).isEqualTo(Map.of(1, "gpu:0", 0, "other:0", 2, "other:2", 3, "other:3"));
        assertThat(labels("")).containsValues("other:0", "other:3").doesNotContainValue("gpu:0");
        assertThat(labels("-1,0")).doesNotContainValue("gpu:0");
        assertThat(labels("GPU-")).doesNotContainValue("gpu:0");
    }
}
