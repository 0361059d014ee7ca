package dev.hourglass.core.trace;

import java.util.Map;

/// How a column of a hardware tool becomes a metric of `hw_sample`.
///
/// @param name our short name
/// @param unit unit of the stored value
/// @param factor stored value = tool's value × factor
/// @param averaged whether it is an average since the row before, not a momentary value
public record HwMetric(String name, String unit, double factor, boolean averaged) {
    private static final double MEBI = 1 << 20;

    /// Columns of the NVML and GPM recorder: percentages, MiB/s, milliwatts.
    private static final Map<String, HwMetric> NVML = Map.ofEntries(
            average("graphics_util", "graphics_active"),
            average("sm_util", "sm_active"),
            average("sm_occupancy", "sm_occupancy"),
            average("integer_util", "integer_active"),
            average("any_tensor_util", "tensor_active"),
            average("dfma_tensor_util", "tensor_dfma_active"),
            average("hmma_tensor_util", "tensor_hmma_active"),
            average("imma_tensor_util", "tensor_imma_active"),
            average("dram_bw_util", "dram_active"),
            average("fp64_util", "fp64_active"),
            average("fp32_util", "fp32_active"),
            average("fp16_util", "fp16_active"),
            Map.entry("pcie_tx", new HwMetric("pcie_tx", "B/s", MEBI, true)),
            Map.entry("pcie_rx", new HwMetric("pcie_rx", "B/s", MEBI, true)),
            Map.entry("nvlink_tx", new HwMetric("nvlink_tx", "B/s", MEBI, true)),
            Map.entry("nvlink_rx", new HwMetric("nvlink_rx", "B/s", MEBI, true)),
            Map.entry("power_mw", new HwMetric("power", "W", 1e-3, false)),
            Map.entry("power_limit_mw", new HwMetric("power_limit", "W", 1e-3, false)),
            Map.entry("power_limit_max_mw", new HwMetric("power_limit_max", "W", 1e-3, false)),
            Map.entry("sm_mhz", new HwMetric("sm_clock", "MHz", 1, false)),
            Map.entry("mem_mhz", new HwMetric("mem_clock", "MHz", 1, false)),
            Map.entry("temp_c", new HwMetric("temperature", "°C", 1, false)),
            Map.entry("util_gpu", new HwMetric("gpu_util", "ratio", 1e-2, false)),
            Map.entry("util_mem", new HwMetric("mem_util", "ratio", 1e-2, false)),
            Map.entry("mem_used", new HwMetric("mem_used", "B", 1, false)));

    /// Fields of `nvidia-smi --query-gpu` and columns of `nvidia-smi dmon`.
    private static final Map<String, String> SMI = Map.ofEntries(
            Map.entry("power.draw", "power"),
            Map.entry("power.draw.instant", "power_instant"),
            Map.entry("power.draw.average", "power_average"),
            Map.entry("utilization.gpu", "gpu_util"),
            Map.entry("utilization.memory", "mem_util"),
            Map.entry("memory.used", "mem_used"),
            Map.entry("memory.free", "mem_free"),
            Map.entry("memory.total", "mem_total"),
            Map.entry("temperature.gpu", "temperature"),
            Map.entry("temperature.memory", "mem_temperature"),
            Map.entry("clocks.sm", "sm_clock"),
            Map.entry("clocks.current.sm", "sm_clock"),
            Map.entry("clocks.mem", "mem_clock"),
            Map.entry("clocks.current.memory", "mem_clock"),
            Map.entry("clocks.gr", "graphics_clock"),
            Map.entry("clocks.current.graphics", "graphics_clock"),
            Map.entry("fan.speed", "fan"),
            Map.entry("clocks_throttle_reasons.active", "throttle"),
            Map.entry("clocks_event_reasons.active", "throttle"),
            Map.entry("power.limit", "power_limit"),
            Map.entry("enforced.power.limit", "power_limit"),
            Map.entry("power.max_limit", "power_limit_max"),
            Map.entry("pwr", "power"),
            Map.entry("gtemp", "temperature"),
            Map.entry("mtemp", "mem_temperature"),
            Map.entry("sm", "gpu_util"),
            Map.entry("mem", "mem_util"),
            Map.entry("mclk", "mem_clock"),
            Map.entry("pclk", "sm_clock"),
            Map.entry("fb", "mem_used"),
            Map.entry("rxpci", "pcie_rx"),
            Map.entry("txpci", "pcie_tx"),
            Map.entry("smutil", "sm_active"),
            Map.entry("smocc", "sm_occupancy"),
            Map.entry("mmaact", "tensor_active"),
            Map.entry("dram", "dram_active"));

    /// Units as `nvidia-smi` prints them.
    private static final Map<String, HwMetric> UNITS = Map.ofEntries(
            Map.entry("W", new HwMetric("", "W", 1, false)),
            Map.entry("mW", new HwMetric("", "W", 1e-3, false)),
            Map.entry("%", new HwMetric("", "ratio", 1e-2, false)),
            Map.entry("GPM:%", new HwMetric("", "ratio", 1e-2, false)),
            Map.entry("MiB", new HwMetric("", "B", MEBI, false)),
            Map.entry("MB", new HwMetric("", "B", MEBI, false)),
            Map.entry("KiB", new HwMetric("", "B", 1 << 10, false)),
            Map.entry("MHz", new HwMetric("", "MHz", 1, false)),
            Map.entry("C", new HwMetric("", "°C", 1, false)),
            Map.entry("MB/s", new HwMetric("", "B/s", 1e6, false)),
            Map.entry("KB/s", new HwMetric("", "B/s", 1e3, false)));

    /// The metric of a column of the NVML recorder; a column that is not known keeps name and value.
    public static HwMetric ofNvml(String column) {
        return NVML.getOrDefault(column, new HwMetric(column, "none", 1, false));
    }

    public static boolean isNvml(String column) {
        return NVML.containsKey(column);
    }

    /// The metric of a field of `nvidia-smi` with the unit that it prints; temperatures carry none.
    public static HwMetric ofSmi(String field, String printedUnit) {
        String name = SMI.getOrDefault(field, field);
        String printed = printedUnit.isEmpty() && field.startsWith("temperature") ? "C" : printedUnit;
        HwMetric unit = UNITS.getOrDefault(printed, new HwMetric("", printed.isEmpty() ? "none" : printed, 1, false));
        return new HwMetric(name, unit.unit, unit.factor, false);
    }

    private static Map.Entry<String, HwMetric> average(String column, String name) {
        return Map.entry(column, new HwMetric(name, "ratio", 1e-2, true));
    }
}
