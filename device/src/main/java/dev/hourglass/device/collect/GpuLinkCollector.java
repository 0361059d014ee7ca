package dev.hourglass.device.collect;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Collector;
import dev.hourglass.core.trace.HwMetric;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.TraceTables;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Traffic of the PCIe link by NVML, into `hw_sample`, of GPUs that have no GPM: NVML looks for 20 ms in each direction,
/// for which its call blocks. So each sample is of one GPU, the next one's turn being at the next, and says little of
/// short copies between.
final class GpuLinkCollector implements Collector {
    private static final long WINDOW_NS = 20_000_000L;
    private static final HwMetric SENT = new HwMetric("pcie_tx", "B/s", 1e3, true);
    private static final HwMetric RECEIVED = new HwMetric("pcie_rx", "B/s", 1e3, true);

    private final List<GpuUnderWatch> gpus;
    private final LongSupplier clock;
    private int turn;

    /// @param clock the trace clock in nanoseconds
    GpuLinkCollector(List<GpuUnderWatch> gpus, LongSupplier clock) {
        this.gpus = gpus;
        this.clock = clock;
    }

    @Override
    public String name() {
        return "pcie";
    }

    @Override
    public Optional<String> unavailable() {
        return gpus.isEmpty() ? Optional.of("every GPU here tells its traffic by GPM") : Optional.empty();
    }

    @Override
    public void sample(BatchSink sink) {
        if (gpus.isEmpty()) {
            return;
        }
        GpuUnderWatch gpu = gpus.get(turn++ % gpus.size());
        try (RowWriter rows = new RowWriter(TraceTables.HW_SAMPLE, sink)) {
            gpu.device().linkSent().found().ifPresent(sent -> gpu.write(rows, clock.getAsLong(), WINDOW_NS, SENT, sent));
            gpu.device()
                    .linkReceived()
                    .found()
                    .ifPresent(received -> gpu.write(rows, clock.getAsLong(), WINDOW_NS, RECEIVED, received));
        }
    }

    @Override
    public void finish(BatchSink sink) {}

    @Override
    public void close() {}
}
