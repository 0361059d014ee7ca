package dev.hourglass.core.read.probe;

import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Calls of operations, one by one, and where steps end between them: a row for each operation of each step.
final class OperationCalls {
    private static final long NO_STEP = 0xFFFF_FFFFL;

    private final Writer writer;

    /// Begins a row of an operation.
    @FunctionalInterface
    interface Writer {
        RowWriter row(String operation, long ts, long ns);
    }

    /// The calls of one operation in one step.
    private record Sum(long firstTs, long ns, long longest, long count) {
        Sum plus(long took) {
            return new Sum(firstTs, ns + took, Math.max(longest, took), count + 1);
        }
    }

    OperationCalls(Writer writer) {
        this.writer = writer;
    }

    void take(ProbeRecord record) {
        Map<String, Sum> step = new LinkedHashMap<>();
        record.forEachRow(row -> {
            long start = row.number("start_ts", 0);
            Optional<String> operation = row.text("operation");
            if (operation.isPresent()) {
                long took = row.number("dur", 0);
                step.merge(operation.get(), new Sum(start, took, took, 1), (sum, one) -> sum.plus(one.ns));
            } else {
                write(step, start);
            }
        });
        write(step, NO_STEP);
    }

    private void write(Map<String, Sum> calls, long step) {
        calls.forEach((operation, sum) -> {
            RowWriter row = writer.row(operation, sum.firstTs, sum.ns);
            context(row, sum.count, sum.longest);
            if (step != NO_STEP) {
                row.set("step", step);
            }
            row.end();
        });
        calls.clear();
    }

    /// Says that a row stands for several calls.
    static void context(RowWriter row, long count, long longest) {
        if (count > 1) {
            row.set("context", count + " calls, the longest " + Format.value((double) longest, Unit.NANOSECONDS));
        }
    }
}
