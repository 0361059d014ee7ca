package dev.hourglass.device.ffi.nvml;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Sizes and offsets as a C compiler gave them for the official `nvml.h`, API 13.
class NvmlLayoutsTest {
    @Test
    void structsHaveTheSizesOfTheHeader() {
        assertThat(NvmlLayouts.MEMORY_V2.byteSize()).isEqualTo(40);
        assertThat(NvmlLayouts.MEMORY_V1.byteSize()).isEqualTo(24);
        assertThat(NvmlLayouts.UTILISATION.byteSize()).isEqualTo(8);
        assertThat(NvmlLayouts.PCI.byteSize()).isEqualTo(68);
        assertThat(NvmlLayouts.PROCESS.byteSize()).isEqualTo(24);
        assertThat(NvmlLayouts.FIELD.byteSize()).isEqualTo(40);
        assertThat(NvmlLayouts.GPM_SUPPORT.byteSize()).isEqualTo(8);
        assertThat(NvmlLayouts.GPM_METRIC.byteSize()).isEqualTo(40);
        assertThat(NvmlLayouts.GPM_GET.byteSize()).isEqualTo(13_344);
    }

    @Test
    void fieldsLieWhereTheHeaderPutsThem() {
        assertThat(NvmlLayouts.offset(NvmlLayouts.MEMORY_V2, "total")).isEqualTo(8);
        assertThat(NvmlLayouts.offset(NvmlLayouts.MEMORY_V2, "reserved")).isEqualTo(16);
        assertThat(NvmlLayouts.offset(NvmlLayouts.MEMORY_V2, "free")).isEqualTo(24);
        assertThat(NvmlLayouts.offset(NvmlLayouts.MEMORY_V2, "used")).isEqualTo(32);
        assertThat(NvmlLayouts.offset(NvmlLayouts.PCI, "busId")).isEqualTo(36);
        assertThat(NvmlLayouts.offset(NvmlLayouts.PROCESS, "usedGpuMemory")).isEqualTo(8);
        assertThat(NvmlLayouts.offset(NvmlLayouts.FIELD, "nvmlReturn")).isEqualTo(28);
        assertThat(NvmlLayouts.offset(NvmlLayouts.FIELD, "value")).isEqualTo(32);
        assertThat(NvmlLayouts.offset(NvmlLayouts.GPM_METRIC, "value")).isEqualTo(8);
        assertThat(NvmlLayouts.offset(NvmlLayouts.GPM_GET, "sample1")).isEqualTo(8);
        assertThat(NvmlLayouts.offset(NvmlLayouts.GPM_GET, "metrics")).isEqualTo(24);
    }

    @Test
    void aVersionHoldsTheSize() {
        assertThat(NvmlLayouts.version(NvmlLayouts.MEMORY_V2, 2)).isEqualTo(0x0200_0028);
    }
}
