package dev.hourglass.core.kineto;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;

/// What a reader must find in a generated trace. Filled event by event as they are written, so that it
/// holds for a file that is cut off too.
public final class AnswerSheet {
    /// Executions of one kernel or copy.
    ///
    /// @param count how many
    /// @param sumNs sum of their durations
    public record Sum(long count, long sumNs) {
        Sum plus(long dur) {
            return new Sum(count + 1, sumNs + dur);
        }
    }

    /// How the device was used, by the union of the intervals of all its streams.
    ///
    /// @param busyNs covered by at least one operation
    /// @param idleNs the rest between the first start and the last end
    /// @param gaps spans without any operation
    public record Use(long busyNs, long idleNs, long gaps) {}

    private final Map<String, Long> slices = new TreeMap<>();
    private final Map<String, Sum> deviceWork = new TreeMap<>();
    private final Map<String, Long> lost = new TreeMap<>();
    private final BitSet launched = new BitSet();
    private long events;
    private long flows;
    private long tsSum;
    private long durSum;
    private long[] starts = new long[1024];
    private long[] ends = new long[1024];
    private int[] correlations = new int[1024];
    private int device;
    private long lastStart = Long.MIN_VALUE;
    private long lastStartDur;
    private boolean truncated;

    void event() {
        events++;
    }

    void flow() {
        flows++;
    }

    /// @param lostBase what was added to every time although the file ends before it tells
    void truncate(long lostBase) {
        truncated = true;
        tsSum -= lostBase * slices.values().stream().mapToLong(Long::longValue).sum();
    }

    void lost(String kind) {
        lost.merge(kind, 1L, Long::sum);
    }

    void slice(String category, long ts, long dur) {
        slices.merge(category, 1L, Long::sum);
        tsSum += ts;
        durSum += dur;
    }

    void launch(int correlation) {
        launched.set(correlation);
    }

    /// @param correlation 0 for none
    void device(String name, long ts, long dur, int correlation) {
        if (device == starts.length) {
            starts = Arrays.copyOf(starts, device * 2);
            ends = Arrays.copyOf(ends, device * 2);
            correlations = Arrays.copyOf(correlations, device * 2);
        }
        starts[device] = ts;
        ends[device] = ts + dur;
        correlations[device++] = correlation;
        deviceWork.merge(name, new Sum(1, dur), (old, one) -> old.plus(dur));
        if (ts > lastStart) {
            lastStart = ts;
            lastStartDur = dur;
        }
    }

    /// Events of every phase, broken ones not among them.
    public long events() {
        return events;
    }

    /// Slices by category.
    public Map<String, Long> slices() {
        return slices;
    }

    /// Flow events.
    public long flows() {
        return flows;
    }

    /// Kernels, copies and memsets by name.
    public Map<String, Sum> deviceWork() {
        return deviceWork;
    }

    /// What must be counted as lost or repaired, by kind.
    public Map<String, Long> lost() {
        return lost;
    }

    /// Whether the file ends before the events do.
    public boolean truncated() {
        return truncated;
    }

    /// Sum of all start times, modulo 2^64: one nanosecond that is off shows.
    public long tsSum() {
        return tsSum;
    }

    /// Sum of all durations.
    public long durSum() {
        return durSum;
    }

    /// Device operations whose launch is in the file too.
    public long launchPairs() {
        long pairs = 0;
        for (int i = 0; i < device; i++) {
            pairs += correlations[i] > 0 && launched.get(correlations[i]) ? 1 : 0;
        }
        return pairs;
    }

    /// Sum over all device operations in order of their start of the start minus the start and the
    /// duration of the one before, as people add up idle time. Wrong where work overlaps.
    public long naiveIdleNs() {
        if (device == 0) {
            return 0;
        }
        long durations = 0;
        for (int i = 0; i < device; i++) {
            durations += ends[i] - starts[i];
        }
        return lastStart - Arrays.stream(starts, 0, device).min().orElse(0) - (durations - lastStartDur);
    }

    /// Busy and idle time. A gap lies between the k-th end and the start after the k-th start, both in
    /// ascending order, if the start is later.
    public Use use() {
        long[] s = Arrays.copyOf(starts, device);
        long[] e = Arrays.copyOf(ends, device);
        Arrays.parallelSort(s);
        Arrays.parallelSort(e);
        long idle = 0;
        long gaps = 0;
        for (int i = 1; i < device; i++) {
            if (s[i] > e[i - 1]) {
                idle += s[i] - e[i - 1];
                gaps++;
            }
        }
        long span = device == 0 ? 0 : e[device - 1] - s[0];
        return new Use(span - idle, idle, gaps);
    }

    /// The sheet as JSON.
    public String json() {
        Use use = use();
        StringBuilder out = new StringBuilder("{\n");
        number(out, "events", events);
        number(out, "flows", flows);
        number(out, "ts_sum", tsSum);
        number(out, "dur_sum", durSum);
        number(out, "device_ops", device);
        number(out, "launch_pairs", launchPairs());
        number(out, "busy_ns", use.busyNs());
        number(out, "idle_ns", use.idleNs());
        number(out, "gaps", use.gaps());
        number(out, "naive_idle_ns", naiveIdleNs());
        counts(out, "lost", lost);
        out.append(",\n");
        counts(out, "slices", slices);
        out.append(",\n  \"device_work\": {");
        String comma = "\n";
        for (Map.Entry<String, Sum> name : deviceWork.entrySet()) {
            out.append(comma).append("    \"").append(name.getKey()).append("\": [");
            out.append(name.getValue().count()).append(", ");
            out.append(name.getValue().sumNs()).append(']');
            comma = ",\n";
        }
        return out.append("\n  },\n  \"truncated\": ")
                .append(truncated)
                .append("\n}\n")
                .toString();
    }

    private static void number(StringBuilder out, String name, long value) {
        out.append("  \"").append(name).append("\": ").append(value).append(",\n");
    }

    private static void counts(StringBuilder out, String name, Map<String, Long> counts) {
        out.append("  \"").append(name).append("\": {");
        String comma = "";
        for (Map.Entry<String, Long> count : counts.entrySet()) {
            out.append(comma).append('"').append(count.getKey()).append("\": ").append(count.getValue());
            comma = ", ";
        }
        out.append('}');
    }
}
