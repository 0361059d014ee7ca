package dev.hourglass.core.read.probe;

import dev.hourglass.core.trace.EngineTables;
import dev.hourglass.core.trace.ProbeTables;
import dev.hourglass.core.trace.RowWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Records that any process writes: what its threads did, what stopped them, how it started.
final class HostRows implements RecordRows {
    private static final String DETAIL = "detail";
    private static final String NAME = "name";

    private final ProbedProcess process;
    private final Rows rows;
    private final Map<Long, Before> threads = new HashMap<>();
    private final OperationCalls calls;

    /// The sums of a thread at the moment of its record before.
    private record Before(long ts, long runNs, long waitNs) {}

    HostRows(ProbedProcess process, Rows rows) {
        this.process = process;
        this.rows = rows;
        this.calls = new OperationCalls(this::operation);
    }

    @Override
    public boolean take(ProbeRecord record) {
        switch (record.name()) {
            case "operations" -> operations(record);
            case "operation_calls" -> calls.take(record);
            case "call" -> call(record);
            case "gc" -> collection(record);
            case "jit" -> compilation(record);
            case "span" -> span(record);
            case "mark" -> mark(record);
            case "thread_time" -> thread(record);
            default -> {
                return false;
            }
        }
        return true;
    }

    private RowWriter operation(String name, long ts, long ns) {
        return process.name(rows.row(EngineTables.HOST_OPERATION))
                .set("ts", ts)
                .set("dur", ns)
                .set(NAME, name);
    }

    private void operations(ProbeRecord record) {
        record.forEachRow(done -> {
            long count = done.number("count", 1);
            RowWriter row = operation(
                    done.text("operation").orElse("?"),
                    done.number("first_ts", record.ts()),
                    done.number("total_ns", 0));
            OperationCalls.context(row, count, done.number("max_ns", 0));
            record.values().copy("step", row);
            row.end();
        });
    }

    private void call(ProbeRecord record) {
        Values call = record.values();
        RowWriter row = operation(call.text("operation").orElse("?"), record.ts(), call.number("dur", 0));
        boolean failed = call.flag("failed").orElse(false);
        Optional<String> context = call.text("context").map(text -> failed ? text + ", failed" : text);
        context.or(() -> failed ? Optional.of("failed") : Optional.empty()).ifPresent(text -> row.set("context", text));
        call.copy("step", row);
        row.end();
    }

    private RowWriter stall(ProbeRecord record, String kind) {
        RowWriter row = process.identify(rows.row(ProbeTables.ENGINE_STALL))
                .set("ts", record.ts())
                .set("kind", kind);
        record.values().copy("dur", row);
        record.values().copy("step", row);
        return row;
    }

    private void collection(ProbeRecord record) {
        stall(record, "garbage collection")
                .set(NAME, "generation " + record.values().number("generation", 0))
                .set(DETAIL, record.values().number("collected", 0) + " objects freed")
                .end();
    }

    private void compilation(ProbeRecord record) {
        RowWriter row = stall(record, "compilation");
        record.values().text("compiler").ifPresent(compiler -> row.set(NAME, compiler));
        record.values().text(NAME).ifPresent(what -> row.set(DETAIL, what));
        row.end();
    }

    private RowWriter start(ProbeRecord record, String category) {
        RowWriter row = process.identify(rows.row(ProbeTables.STARTUP_SPAN))
                .set("ts", record.ts())
                .set("role", process.role())
                .set("category", category);
        record.values().text(NAME).ifPresent(name -> row.set(NAME, name));
        record.values().text(DETAIL).ifPresent(detail -> row.set(DETAIL, detail));
        return row;
    }

    private void span(ProbeRecord record) {
        RowWriter row = start(record, record.values().text("category").orElse("other"));
        record.values().copy("dur", row);
        record.values().copy("bytes", row);
        record.values().copy("depth", row);
        row.end();
    }

    private void mark(ProbeRecord record) {
        start(record, "mark").end();
    }

    private void thread(ProbeRecord record) {
        Values sums = record.values();
        long tid = sums.number("tid", 0);
        Before now = new Before(record.ts(), sums.number("run_ns", 0), sums.number("wait_ns", 0));
        Before then = threads.put(tid, now);
        if (then != null) {
            RowWriter row = process.identify(rows.row(ProbeTables.THREAD_STEP))
                    .set("ts", then.ts)
                    .set("dur", now.ts - then.ts)
                    .set("tid", tid)
                    .set("run_ns", now.runNs - then.runNs)
                    .set("wait_ns", now.waitNs - then.waitNs);
            sums.copy("step", row);
            row.end();
        }
    }

    @Override
    public void end() {
        // every record is a row of its own
    }
}
