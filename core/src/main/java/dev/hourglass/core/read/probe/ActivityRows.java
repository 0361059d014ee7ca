package dev.hourglass.core.read.probe;

import dev.hourglass.core.read.TextLines;
import dev.hourglass.core.read.cupti.ActivityFacts;
import dev.hourglass.core.read.cupti.DeviceTimeline;
import dev.hourglass.core.read.cupti.ProcessActivities;
import dev.hourglass.core.text.JsonTree;
import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Tables;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/// The activities of one process's GPUs: unpacks buffers and hands them to the timeline.
final class ActivityRows implements RecordRows {
    private static final int LARGEST_BUFFER = 64 << 20;
    /// Bytes of a record, and names of calls, beyond which a library tells nonsense.
    private static final int LARGEST_RECORD = 1 << 16;

    private static final int LARGEST_NUMBER = 1 << 16;

    /// What is told of the recording itself.
    private static final List<String> TOLD = List.of(
            "library",
            "mode",
            "graphs",
            "callbacks",
            "records",
            "kernels",
            "bytes",
            "packed_bytes",
            "lost",
            "collector_ns",
            "switch_ns",
            "why");

    private final ProbedProcess process;
    private final DeviceTimeline timeline;
    private final Rows rows;
    private final ImportStats stats;
    private @Nullable ProcessActivities activities;
    private Map<String, @Nullable Object> source = new HashMap<>();

    ActivityRows(ProbedProcess process, DeviceTimeline timeline, Rows rows, ImportStats stats) {
        this.process = process;
        this.timeline = timeline;
        this.rows = rows;
        this.stats = stats;
    }

    @Override
    public boolean take(ProbeRecord record) {
        switch (record.name()) {
            case "activity" -> buffer(record);
            case "activity_name" ->
                activities().name(record.values().number("pointer", 0), TextLines.clean(record.text()));
            case "activity_source" -> source(record);
            default -> {
                return false;
            }
        }
        return true;
    }

    /// Whether any activity was met.
    boolean any() {
        return activities != null;
    }

    /// Whether what comes now came while activities were recorded.
    boolean areRecorded() {
        return JsonTree.text(source, "event").equals("started");
    }

    private ProcessActivities activities() {
        ProcessActivities known = activities;
        if (known == null) {
            known = timeline.process(process.pid(), process.role() + " " + process.pid());
            activities = known;
        }
        return known;
    }

    private void source(ProbeRecord record) {
        try {
            source = JsonTree.object(new ByteArrayInputStream(record.text().getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            stats.count("damaged_description", Severity.DATA_LOSS, place() + ": activity_source is no JSON object");
            return;
        }
        if (source.containsKey("sizes")) {
            Map<Integer, Integer> sizes = new HashMap<>();
            JsonTree.object(source, "sizes")
                    .forEach((kind, size) -> number(kind)
                            .filter(number -> size instanceof Long bytes && bytes > 0 && bytes <= LARGEST_RECORD)
                            .ifPresent(number -> sizes.put(number, ((Long) size).intValue())));
            activities()
                    .facts(new ActivityFacts(
                            JsonTree.number(source, "cupti_version", 0), sizes, names("runtime"), names("driver")));
        }
    }

    private Map<Integer, String> names(String domain) {
        Map<Integer, String> names = new HashMap<>();
        JsonTree.object(source, domain)
                .forEach((number, name) ->
                        number(number).ifPresent(cbid -> names.put(cbid, TextLines.clean(String.valueOf(name)))));
        return names;
    }

    private static Optional<Integer> number(String digits) {
        try {
            int number = Integer.parseInt(digits);
            return number >= 0 && number <= LARGEST_NUMBER ? Optional.of(number) : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private void buffer(ProbeRecord record) {
        Values values = record.values();
        ProcessActivities into = activities();
        values.number("device_ns")
                .ifPresent(device -> into.moment(record.ts(), device, Math.max(0, values.number("lost", 0))));
        ByteBuffer packed = record.tail();
        if (packed.remaining() == 0) {
            return;
        }
        String encoding = values.word("encoding").orElse("none");
        switch (encoding) {
            case "none" -> into.take(packed);
            case "zlib" -> into.take(unpacked(packed, values.number("bytes", 0)));
            default ->
                stats.count(
                        "damaged_activities", Severity.DATA_LOSS, place() + ": packed in an unknown way, " + encoding);
        }
    }

    private ByteBuffer unpacked(ByteBuffer packed, long told) {
        int most = Math.clamp(told, 0, LARGEST_BUFFER);
        byte[] bytes = new byte[most];
        Inflater inflater = new Inflater();
        int n = 0;
        try {
            inflater.setInput(packed);
            n = inflater.inflate(bytes);
        } catch (DataFormatException e) {
            n = (int) Math.min(inflater.getBytesWritten(), most);
        } finally {
            inflater.end();
        }
        if (n != told) {
            stats.count(
                    "damaged_activities",
                    Severity.DATA_LOSS,
                    told - n,
                    place() + ": bytes of device activities that cannot be unpacked");
        }
        return ByteBuffer.wrap(bytes, 0, n);
    }

    private String place() {
        return process.role() + " " + process.pid();
    }

    @Override
    public void end() {
        for (String name : TOLD) {
            Object value = source.get(name);
            if (value != null) {
                rows.row(Tables.METADATA)
                        .set("name", "gpu_timeline." + process.pid() + "." + name)
                        .set("value", TextLines.clean(String.valueOf(value)))
                        .end();
            }
        }
    }
}
