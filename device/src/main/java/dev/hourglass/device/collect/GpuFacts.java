package dev.hourglass.device.collect;

import dev.hourglass.device.ffi.nvml.ClockReason;
import dev.hourglass.device.ffi.nvml.Nvml;
import dev.hourglass.device.ffi.nvml.NvmlDevice;
import dev.hourglass.device.ffi.nvml.NvmlDevice.Clock;
import dev.hourglass.device.ffi.nvml.NvmlDevice.Threshold;
import dev.hourglass.device.ffi.nvml.Reading;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a GPU is and which limits hold for it, as facts of a session. What it does not tell says why not.
final class GpuFacts {
    private static final double MW_PER_W = 1e3;

    private final Map<String, String> facts = new LinkedHashMap<>();

    private GpuFacts() {}

    static String notMeasured(String reason) {
        return "not measured, because " + reason;
    }

    static Map<String, String> of(Nvml nvml, List<GpuUnderWatch> gpus) {
        GpuFacts all = new GpuFacts();
        all.put("gpu.driver", nvml.driver());
        all.put("gpu.cuda", nvml.cuda());
        all.put("gpu.nvml", nvml.version().map(version -> version + " in " + nvml.place()));
        gpus.forEach(all::gpu);
        return all.facts;
    }

    private void gpu(GpuUnderWatch gpu) {
        NvmlDevice device = gpu.device();
        String key = gpu.fact() + ".";
        put(key + "name", device.name());
        put(key + "uuid", device.uuid());
        put(key + "pci_bus", device.bus());
        facts.put(key + "nvml_index", Integer.toString(device.index()));
        put(key + "compute_capability", device.computeCapability().map(c -> c.first() + "." + c.second()));
        limits(device, key);
        memory(device, key);
        link(device, key);
        put(key + "ecc", device.ecc().map(on -> on ? "on" : "off"));
        put(key + "mig", device.mig().map(on -> on ? "on" : "off"));
        put(key + "clock_reasons_supported", device.clockReasonsSupported().map(ClockReason::words));
        facts.put(
                key + "gpm",
                GpmCollector.missing(gpu)
                        .map(why -> notMeasured(why) + "; there is NVML: gpu_util, mem_util, pcie_tx, pcie_rx")
                        .orElse("measured"));
    }

    private void limits(NvmlDevice device, String key) {
        put(key + "power_limit_w", device.powerLimit().map(GpuFacts::watts));
        put(key + "power_limit_default_w", device.defaultPowerLimit().map(GpuFacts::watts));
        put(key + "power_limit_min_w", device.powerLimits().map(range -> watts(range.first())));
        put(key + "power_limit_max_w", device.powerLimits().map(range -> watts(range.second())));
        put(key + "sm_clock_max_mhz", device.maxClock(Clock.SM).map(String::valueOf));
        put(key + "mem_clock_max_mhz", device.maxClock(Clock.MEMORY).map(String::valueOf));
        put(key + "temperature_slowdown_c", device.threshold(Threshold.SLOWDOWN).map(String::valueOf));
        put(key + "temperature_shutdown_c", device.threshold(Threshold.SHUTDOWN).map(String::valueOf));
        put(key + "temperature_max_c", device.threshold(Threshold.GPU_MAX).map(String::valueOf));
        put(key + "mem_temperature_max_c", device.threshold(Threshold.MEMORY_MAX).map(String::valueOf));
    }

    private void memory(NvmlDevice device, String key) {
        put(key + "mem_total_bytes", device.memory().map(memory -> String.valueOf(memory.total())));
        put(
                key + "mem_reserved_bytes",
                device.memory()
                        .map(memory -> memory.reserved() < 0
                                ? notMeasured("the driver counts it as used")
                                : String.valueOf(memory.reserved())));
        put(key + "mem_bus_bits", device.busWidth().map(String::valueOf));
    }

    private void link(NvmlDevice device, String key) {
        put(key + "pcie_gen_max", device.linkGenerationMax().map(String::valueOf));
        put(key + "pcie_width_max", device.linkWidthMax().map(String::valueOf));
        put(key + "pcie_gen", device.linkGeneration().map(String::valueOf));
        put(key + "pcie_width", device.linkWidth().map(String::valueOf));
    }

    private static String watts(long milliwatts) {
        double watts = milliwatts / MW_PER_W;
        return watts == Math.rint(watts) ? String.valueOf((long) watts) : String.valueOf(watts);
    }

    private void put(String name, Reading<String> value) {
        facts.put(name, value.found().orElseGet(() -> notMeasured(value.why().orElse("nobody says why"))));
    }
}
