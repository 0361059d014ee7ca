package dev.hourglass.app.record;

import dev.hourglass.core.text.Escape;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.TraceTables;
import dev.hourglass.device.collect.GpuSampling;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A line per GPU: what was sampled last of it. A dash is what its driver does not tell.
public final class GpuTable implements BatchSink {
    private static final String HEAD = String.format(
            Locale.ROOT,
            "%-8s %-22s %9s %9s %5s %5s %5s %5s %6s %5s %11s %13s  %s",
            "GPU",
            "name",
            "power W",
            "SM MHz",
            "°C",
            "busy",
            "SMs",
            "occ.",
            "tensor",
            "DRAM",
            "PCIe GB/s",
            "memory GB",
            "clock held back by");
    private static final int NAME = 22;
    private static final double GIGA = 1e9;
    private static final double PERCENT = 1e2;

    private final List<String> labels;
    private final Map<String, String> facts;
    private final Map<String, Double> last = new HashMap<>();

    /// @param labels of the GPUs, as in `hw_sample`
    /// @param facts of them, as in the session
    public GpuTable(List<String> labels, Map<String, String> facts) {
        this.labels = labels;
        this.facts = facts;
    }

    @Override
    public synchronized void accept(EventBatch batch) {
        if (batch.table().equals(TraceTables.HW_SAMPLE)) {
            byte[] @Nullable [] device = batch.texts(batch.table().indexOf("device"));
            byte[] @Nullable [] metric = batch.texts(batch.table().indexOf("metric"));
            double[] value = batch.doubles(batch.table().indexOf("value"));
            for (int row = 0; row < batch.size(); row++) {
                last.put(text(device[row]) + " " + text(metric[row]), value[row]);
            }
        }
    }

    private static String text(byte @Nullable [] bytes) {
        return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
    }

    /// The head, then the GPUs.
    synchronized List<String> lines() {
        List<String> lines = new ArrayList<>(List.of(HEAD));
        labels.forEach(label -> lines.add(line(label)));
        return lines;
    }

    private String line(String gpu) {
        String name = Escape.plain(fact(gpu, "name")).replaceFirst("^NVIDIA ", "");
        return String.format(
                Locale.ROOT,
                "%-8s %-22s %9s %9s %5s %5s %5s %5s %6s %5s %11s %13s  %s",
                gpu,
                name.substring(0, Math.min(NAME, name.length())),
                of(value(gpu, "power_instant").or(() -> value(gpu, "power")), value(gpu, "power_limit"), 1, "%.0f"),
                of(value(gpu, "sm_clock"), value(gpu, "sm_clock_max"), 1, "%.0f"),
                one(value(gpu, "temperature"), 1, "%.0f"),
                one(value(gpu, "gpu_util"), PERCENT, "%.0f%%"),
                one(value(gpu, "sm_active"), PERCENT, "%.0f%%"),
                one(value(gpu, "sm_occupancy"), PERCENT, "%.0f%%"),
                one(value(gpu, "tensor_active"), PERCENT, "%.0f%%"),
                one(value(gpu, "dram_active"), PERCENT, "%.0f%%"),
                of(value(gpu, "pcie_rx"), value(gpu, "pcie_tx"), 1 / GIGA, "%.1f"),
                of(value(gpu, "mem_used"), value(gpu, "mem_total"), 1 / GIGA, "%.1f"),
                value(gpu, "throttle")
                        .map(bits -> GpuSampling.clockReasons(bits.longValue()))
                        .orElse("–"));
    }

    private String fact(String gpu, String name) {
        return facts.getOrDefault(gpu.replace(':', '.') + "." + name, "–");
    }

    private Optional<Double> value(String gpu, String metric) {
        return Optional.ofNullable(last.get(gpu + " " + metric));
    }

    private static String one(Optional<Double> value, double factor, String format) {
        return value.map(known -> String.format(Locale.ROOT, format, known * factor))
                .orElse("–");
    }

    private static String of(Optional<Double> value, Optional<Double> most, double factor, String format) {
        return one(value, factor, format) + "/" + one(most, factor, format);
    }

    /// Draws it over itself on a terminal; nothing elsewhere.
    ///
    /// @param out that moves the cursor
    /// @param columns of the terminal; 0 where it is none
    public GpuRecorder.Shown on(PrintStream out, int columns) {
        return columns == 0 ? () -> {} : new Drawn(this, out, columns)::draw;
    }

    /// The table on a terminal.
    private static final class Drawn {
        private final GpuTable table;
        private final PrintStream out;
        private final int columns;
        private int drawn;

        Drawn(GpuTable table, PrintStream out, int columns) {
            this.table = table;
            this.out = out;
            this.columns = columns;
        }

        void draw() {
            StringBuilder frame = new StringBuilder(drawn == 0 ? "" : "\u001b[" + drawn + "A");
            List<String> lines = table.lines();
            lines.forEach(
                    line -> frame.append("\r\u001b[2K").append(clipped(line)).append('\n'));
            drawn = lines.size();
            out.print(frame);
            out.flush();
        }

        /// A line that went on in the next one would be drawn over wrongly.
        private String clipped(String line) {
            return line.length() <= columns ? line : line.substring(0, columns);
        }
    }
}
