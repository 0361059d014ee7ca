package dev.hourglass.core.read.probe;

import dev.hourglass.core.trace.EngineTables;
import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.ProbeTables;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Records of an engine core: steps, who is in them, the KV cache.
final class EngineRows implements RecordRows {
    /// Steps that were scheduled and are not done: as many as a pipeline holds, with room for lost records.
    private static final int MOST_IN_FLIGHT = 1024;

    /// Rows of requests for each byte that was read: a batch of six thousand requests that goes on unchanged.
    private static final long MOST_ROWS_PER_BYTE = 32;

    private static final String LEFT = "left";
    private static final String DECODE = "decode";

    private final ProbedProcess process;
    private final Rows rows;
    private final StepFacts facts;
    private final ImportStats stats;
    private final Map<Long, ProbeRecord> inFlight = new LinkedHashMap<>();
    private final Map<String, InBatch> batch = new LinkedHashMap<>();
    private List<Change> changes = new ArrayList<>();
    private long rowsLeft;

    /// A request of the present batch.
    private record InBatch(long tokens, long computed, String phase) {}

    /// What a record says of a request in the next step.
    private record Change(String request, InBatch now) {}

    EngineRows(ProbedProcess process, Rows rows, StepFacts facts, ImportStats stats) {
        this.process = process;
        this.rows = rows;
        this.facts = facts;
        this.stats = stats;
    }

    @Override
    public boolean take(ProbeRecord record) {
        rowsLeft += MOST_ROWS_PER_BYTE * record.bytes().limit();
        switch (record.name()) {
            case "step" -> step(record);
            case "step_done" -> done(record);
            case "request_step" -> changes = changes(record);
            case "kv_eviction" -> evictions(record);
            case "prefix" -> prefix(record);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void step(ProbeRecord record) {
        inFlight.put(record.values().number("step", -1), record);
        if (inFlight.size() > MOST_IN_FLIGHT) {
            Iterator<ProbeRecord> oldest = inFlight.values().iterator();
            write(oldest.next(), Long.MIN_VALUE);
            oldest.remove();
        }
        batchRow(record);
        usage(record);
        requests(record.values().number("step", -1));
    }

    private void done(ProbeRecord record) {
        ProbeRecord begun = inFlight.remove(record.values().number("step", -1));
        if (begun != null) {
            write(begun, record.ts());
        }
    }

    private void write(ProbeRecord begun, long doneTs) {
        Values step = begun.values();
        RowWriter row = process.name(rows.row(EngineTables.STEP));
        long number = step.number("step", -1);
        row.set("step", number).set("ts", begun.ts());
        if (doneTs != Long.MIN_VALUE) {
            row.set("dur", doneTs - begun.ts());
        }
        step.word("phase").ifPresent(phase -> row.set("phase", phase));
        step.copy("requests", row);
        step.copy("tokens", row);
        step.copy("prefill_requests", row);
        step.copy("decode_requests", row);
        step.copy("prefill_tokens", row);
        step.copy("decode_tokens", row);
        step.copy("context_tokens", row);
        process.engine().ifPresent(engine -> facts.write(engine, number, row));
        row.end();
    }

    private void batchRow(ProbeRecord record) {
        Values step = record.values();
        RowWriter row = process.name(rows.row(EngineTables.BATCH)).set("ts", record.ts());
        step.copy("step", row);
        step.word("phase").ifPresent(phase -> row.set("phase", phase));
        step.copy("requests", row);
        step.copy("max_requests", row);
        step.copy("tokens", row);
        step.copy("max_tokens", row);
        step.copy("running", row);
        step.copy("waiting", row);
        step.copy("schedule_ns", row, "dur");
        row.end();
    }

    private void usage(ProbeRecord record) {
        Values step = record.values();
        long total = step.number("blocks_total", 0);
        if (total > 0 && step.number("blocks_used").isPresent()) {
            long used = step.number("blocks_used", 0);
            RowWriter row = process.name(rows.row(EngineTables.KV_USAGE))
                    .set("ts", record.ts() + step.number("schedule_ns", 0))
                    .set("usage_ratio", (double) used / total)
                    .set("blocks", used)
                    .set("total_blocks", total);
            step.copy("blocks_allocated", row, "allocated");
            step.copy("blocks_freed", row, "freed");
            step.copy("blocks_touched", row, "reused");
            step.copy("blocks_evicted", row, "evicted");
            step.copy("refused", row);
            row.end();
        }
    }

    private static List<Change> changes(ProbeRecord record) {
        List<Change> changes = new ArrayList<>();
        record.forEachRow(row -> changes.add(new Change(
                row.text("request").orElse(""),
                new InBatch(
                        row.number("tokens", 0),
                        row.number("computed", 0),
                        row.word("phase").orElse(DECODE)))));
        return changes;
    }

    /// Whoever was in the step before takes part with one token of decode, unless a change says otherwise.
    private void requests(long step) {
        batch.replaceAll((request, before) -> new InBatch(1, before.computed + before.tokens, DECODE));
        for (Change change : changes) {
            if (change.now.phase.equals(LEFT)) {
                batch.remove(change.request);
            } else {
                batch.put(change.request, change.now);
            }
        }
        changes = new ArrayList<>();
        rowsLeft -= batch.size();
        if (rowsLeft < 0) {
            stats.count(
                    "request_steps_left_out",
                    Severity.DATA_LOSS,
                    batch.size(),
                    "step " + step + ": a batch of " + batch.size() + " requests in so few records is not credible");
            batch.clear();
            return;
        }
        batch.forEach((request, now) -> process.name(rows.row(EngineTables.REQUEST_STEP))
                .set("request", request)
                .set("step", step)
                .set("phase", now.phase)
                .set("tokens", now.tokens)
                .set("computed_tokens", now.computed)
                .end());
    }

    private void evictions(ProbeRecord record) {
        long unlisted = record.values().number("unlisted", 0);
        if (unlisted > 0) {
            stats.count(
                    "kv_evictions_unlisted",
                    Severity.NOTICE,
                    unlisted,
                    "step " + record.values().number("step", -1)
                            + ": counted in kv_usage.evicted, without a row of their own");
        }
        record.forEachRow(block -> {
            RowWriter row = process.name(rows.row(EngineTables.KV_EVICTION)).set("ts", record.ts());
            block.copy("block", row);
            block.copy("lifetime_ns", row);
            block.copy("idle_ns", row);
            block.copy("uses", row);
            block.flag("cached").ifPresent(cached -> row.set("prefix", cached));
            row.end();
        });
    }

    private void prefix(ProbeRecord record) {
        Values look = record.values();
        RowWriter row = process.name(rows.row(ProbeTables.PREFIX_LOOKUP)).set("ts", record.ts());
        look.copy("dur", row);
        look.text("request").ifPresent(request -> row.set("request", request));
        look.copy("tokens", row);
        look.copy("hit_tokens", row);
        look.copy("full_blocks", row);
        look.copy("hit_blocks", row);
        look.copy("evicted_blocks", row);
        look.word("miss").ifPresent(why -> row.set("miss", why));
        look.flag("again").ifPresent(again -> row.set("again", again));
        row.end();
    }

    @Override
    public void end() {
        inFlight.values().forEach(begun -> write(begun, Long.MIN_VALUE));
        inFlight.clear();
    }
}
