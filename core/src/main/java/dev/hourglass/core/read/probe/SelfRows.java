package dev.hourglass.core.read.probe;

import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.ProbeTables;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Tables;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the probe says of itself in one process: its hooks, its cost, its errors. Later records replace earlier ones.
final class SelfRows implements RecordRows {
    private final ProbedProcess process;
    private final Rows rows;
    private final ImportStats stats;
    private final Map<String, Values> hooks = new LinkedHashMap<>();
    private @Nullable Values heart;
    private long heartTs;
    private boolean ended;
    private long lastTs = Long.MIN_VALUE;

    SelfRows(ProbedProcess process, Rows rows, ImportStats stats) {
        this.process = process;
        this.rows = rows;
        this.stats = stats;
    }

    @Override
    public boolean take(ProbeRecord record) {
        lastTs = Math.max(lastTs, record.ts());
        switch (record.name()) {
            case "capability" -> hooks.put(record.values().text("hook").orElse("?"), record.values());
            case "heart" -> beat(record);
            case "error" ->
                stats.count(
                        "probe_error",
                        Severity.NOTICE,
                        process.role() + " " + process.pid() + ", hook "
                                + record.values().text("hook").orElse("?") + ": "
                                + record.text().lines().findFirst().orElse(""));
            case "end" -> ended = true;
            default -> {
                return false;
            }
        }
        return true;
    }

    @Override
    public void end() {
        hooks.forEach(this::hook);
        describe();
        configuration();
    }

    private void beat(ProbeRecord record) {
        Values now = record.values();
        Values before = heart;
        if (before != null && record.ts() >= heartTs) {
            process.identify(rows.row(ProbeTables.PROBE_BEAT))
                    .set("ts", heartTs)
                    .set("dur", record.ts() - heartTs)
                    .set("calls", now.number("calls", 0) - before.number("calls", 0))
                    .set("self_ns", selfNs(now) - selfNs(before))
                    .end();
        }
        heart = now;
        heartTs = record.ts();
    }

    /// What callbacks took, and what stands around them.
    private static long selfNs(Values told) {
        return told.number("self_ns", 0) + told.number("wrapper_ns", 0);
    }

    private void hook(String name, Values hook) {
        RowWriter row = process.identify(rows.row(ProbeTables.PROBE_HOOK)).set("hook", name);
        hook.text("profiler").ifPresent(profiler -> row.set("profiler", profiler));
        hook.text("symbol").ifPresent(symbol -> row.set("symbol", symbol));
        hook.word("status").ifPresent(status -> row.set("status", status));
        hook.text("reason").ifPresent(reason -> row.set("reason", reason));
        hook.copy("fires", row);
        hook.copy("total_ns", row);
        hook.copy("errors", row);
        row.end();
    }

    private void describe() {
        RowWriter row = process.identify(rows.row(ProbeTables.PROBE_PROCESS))
                .set("role", process.role())
                .set("command", process.commandLine())
                .set("software", process.software())
                .set("ended", ended);
        process.rank("rank").ifPresent(rank -> row.set("rank", rank));
        if (process.startTs() != Long.MAX_VALUE) {
            row.set("start_ts", process.startTs());
        }
        if (lastTs != Long.MIN_VALUE) {
            row.set("end_ts", lastTs);
        }
        long dropped =
                process.segments().stream().mapToLong(Segment::dropped).max().orElse(0);
        row.set("dropped", dropped);
        countDropped(dropped);
        Values told = heart;
        if (told != null) {
            told.copy("records", row);
            told.copy("bytes", row);
            told.copy("calls", row);
            told.copy("errors", row);
            row.set("self_ns", selfNs(told));
        }
        row.end();
    }

    private void countDropped(long records) {
        if (records > 0) {
            stats.count(
                    "probe_dropped",
                    Severity.DATA_LOSS,
                    records,
                    process.role() + " " + process.pid()
                            + ": its records reached their limit on the disk (HOURGLASS_LIMIT_MB)");
        }
    }

    private void configuration() {
        process.config().forEach((name, value) -> {
            if (value != null) {
                rows.row(Tables.METADATA)
                        .set("name", "engine." + process.engine().orElse(process.role()) + "." + name)
                        .set("value", String.valueOf(value))
                        .end();
            }
        });
    }
}
