package dev.hourglass.device.collect;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Collector;
import dev.hourglass.core.trace.HwMetric;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.TraceTables;
import dev.hourglass.device.ffi.nvml.NvmlDevice;
import dev.hourglass.device.ffi.nvml.NvmlDevice.Clock;
import dev.hourglass.device.ffi.nvml.NvmlDevice.Field;
import dev.hourglass.device.ffi.nvml.Reading;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// What NVML tells of each GPU, into `hw_sample`: power, clocks, use and why the clock is held back at each sample;
/// temperature, power limit, memory, link and processes once a second; highest limits and clocks at first and when
/// they
/// change.
///
/// All are momentary values, but what the driver itself averages: `power` over a second on most GPUs since Ampere,
/// `gpu_util` and `mem_util` over a sixth of a second to a second.
final class NvmlCollector implements Collector {
    private static final long SLOW_NS = 1_000_000_000L;

    private static final HwMetric POWER = HwMetric.ofNvml("power_mw");
    private static final HwMetric SM_CLOCK = HwMetric.ofNvml("sm_mhz");
    private static final HwMetric MEM_CLOCK = HwMetric.ofNvml("mem_mhz");
    private static final HwMetric TEMPERATURE = HwMetric.ofNvml("temp_c");
    private static final HwMetric GPU_UTIL = HwMetric.ofNvml("util_gpu");
    private static final HwMetric MEM_UTIL = HwMetric.ofNvml("util_mem");
    private static final HwMetric MEM_USED = HwMetric.ofNvml("mem_used");
    private static final HwMetric THROTTLE = plain("throttle", "bits");

    private final List<GpuUnderWatch> gpus;
    private final Supplier<Set<Long>> command;
    private final LongSupplier clock;
    private final Map<String, Long> told = new HashMap<>();
    private long slowAt = Long.MIN_VALUE;

    /// @param command the processes that are recorded; empty where none in particular is
    /// @param clock the trace clock in nanoseconds
    NvmlCollector(List<GpuUnderWatch> gpus, Supplier<Set<Long>> command, LongSupplier clock) {
        this.gpus = gpus;
        this.command = command;
        this.clock = clock;
    }

    private static HwMetric plain(String name, String unit) {
        return new HwMetric(name, unit, 1, false);
    }

    private static HwMetric milli(String name) {
        return new HwMetric(name, "W", POWER.factor(), false);
    }

    @Override
    public String name() {
        return "nvml";
    }

    @Override
    public Optional<String> unavailable() {
        return gpus.isEmpty() ? Optional.of("there is no GPU to watch") : Optional.empty();
    }

    @Override
    public void sample(BatchSink sink) {
        boolean slow = slowAt == Long.MIN_VALUE || clock.getAsLong() - slowAt >= SLOW_NS;
        if (slow) {
            slowAt = clock.getAsLong();
        }
        try (RowWriter rows = new RowWriter(TraceTables.HW_SAMPLE, sink)) {
            for (GpuUnderWatch gpu : gpus) {
                quick(gpu, rows, clock.getAsLong());
                if (slow) {
                    slow(gpu, rows, clock.getAsLong());
                    changing(gpu, rows, clock.getAsLong());
                }
            }
        }
    }

    private static void quick(GpuUnderWatch gpu, RowWriter rows, long ts) {
        NvmlDevice device = gpu.device();
        gpu.write(rows, ts, POWER, device.power());
        gpu.write(rows, ts, milli("power_instant"), device.field(Field.POWER_INSTANT));
        gpu.write(rows, ts, SM_CLOCK, device.clock(Clock.SM));
        gpu.write(rows, ts, MEM_CLOCK, device.clock(Clock.MEMORY));
        gpu.write(rows, ts, THROTTLE, device.clockReasons());
        device.utilisation().found().ifPresent(use -> {
            gpu.write(rows, ts, GPU_UTIL, (double) use.gpu());
            gpu.write(rows, ts, MEM_UTIL, (double) use.memory());
        });
    }

    private void slow(GpuUnderWatch gpu, RowWriter rows, long ts) {
        NvmlDevice device = gpu.device();
        gpu.write(rows, ts, milli("power_limit"), device.powerLimit());
        gpu.write(rows, ts, TEMPERATURE, device.temperature());
        gpu.write(rows, ts, plain("mem_temperature", "°C"), memoryTemperature(device));
        device.memory().found().ifPresent(memory -> gpu.write(rows, ts, MEM_USED, (double) memory.used()));
        gpu.write(rows, ts, plain("pcie_gen", "none"), device.linkGeneration());
        gpu.write(rows, ts, plain("pcie_width", "none"), device.linkWidth());
        device.processes()
                .found()
                .ifPresent(processes -> GpuProcesses.of(processes, command.get())
                        .forEach((whose, bytes) -> gpu.write(rows, ts, plain("mem_used_" + whose, "B"), bytes)));
    }

    /// A chip without that sensor says 0 °C.
    private static Reading<Long> memoryTemperature(NvmlDevice device) {
        Reading<Long> told = device.field(Field.MEMORY_TEMPERATURE);
        return told.found().orElse(0L) > 0 ? told : new Reading.None<>("", 0, "no sensor");
    }

    /// What hardly ever changes.
    private void changing(GpuUnderWatch gpu, RowWriter rows, long ts) {
        NvmlDevice device = gpu.device();
        changed(gpu, rows, ts, milli("power_limit_max"), device.powerLimits().map(NvmlDevice.Pair::second));
        changed(gpu, rows, ts, plain("sm_clock_max", "MHz"), device.maxClock(Clock.SM));
        changed(gpu, rows, ts, plain("mem_clock_max", "MHz"), device.maxClock(Clock.MEMORY));
        device.memory()
                .found()
                .ifPresent(
                        memory -> changed(gpu, rows, ts, plain("mem_total", "B"), new Reading.Value<>(memory.total())));
    }

    private void changed(GpuUnderWatch gpu, RowWriter rows, long ts, HwMetric metric, Reading<Long> value) {
        value.found()
                .filter(number -> !number.equals(told.put(gpu.label() + metric.name(), number)))
                .ifPresent(number -> gpu.write(rows, ts, metric, number));
    }

    @Override
    public void finish(BatchSink sink) {
        sample(sink);
    }

    @Override
    public void close() {
        told.clear();
    }
}
