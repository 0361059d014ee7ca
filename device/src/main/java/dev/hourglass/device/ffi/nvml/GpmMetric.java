package dev.hourglass.device.ffi.nvml;

import java.util.Locale;

/// Metrics of GPM that are asked for: shares of the window in percent, rates in MiB/s.
public enum GpmMetric {
    GRAPHICS_UTIL(1),
    SM_UTIL(2),
    SM_OCCUPANCY(3),
    INTEGER_UTIL(4),
    ANY_TENSOR_UTIL(5),
    DFMA_TENSOR_UTIL(6),
    HMMA_TENSOR_UTIL(7),
    IMMA_TENSOR_UTIL(9),
    DRAM_BW_UTIL(10),
    FP64_UTIL(11),
    FP32_UTIL(12),
    FP16_UTIL(13),
    PCIE_TX(20),
    PCIE_RX(21),
    NVLINK_RX(60),
    NVLINK_TX(61);

    private final int id;

    GpmMetric(int id) {
        this.id = id;
    }

    /// Its number in `nvmlGpmMetricId_t`.
    public int id() {
        return id;
    }

    /// The name of its column in a log of NVML.
    public String column() {
        return name().toLowerCase(Locale.ROOT);
    }
}
