package dev.hourglass.core.ingest;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Column;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.Moments;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.unit.Unit;
import java.util.BitSet;
import java.util.List;

/// Lets no time into a session that cannot be: whatever is computed of those that pass fits 64 bits. A row
/// that happened at an impossible moment, or lasted impossibly long, is left out; any other impossible time becomes
/// NULL. Both are counted.
record PossibleTimes(BatchSink next, ImportStats stats) implements BatchSink {
    private static final String DURATION = "dur";
    private static final String MOMENT = "ts";

    @Override
    public void accept(EventBatch batch) {
        BitSet bad = new BitSet();
        List<Column> columns = batch.table().columns();
        for (int c = 0; c < columns.size(); c++) {
            Column column = columns.get(c);
            boolean time = column.unit() == Unit.NANOSECONDS && column.type() == Column.Type.LONG;
            if (time && !batch.isAllNull(c)) {
                check(batch, c, bad);
            }
        }
        next.accept(bad.isEmpty() ? batch : batch.without(bad));
    }

    private void check(EventBatch batch, int column, BitSet bad) {
        Table table = batch.table();
        Column what = table.columns().get(column);
        boolean lasts = what.name().equals(DURATION);
        long[] values = batch.longs(column);
        long[] starts = lasts && table.has(MOMENT) && !batch.isAllNull(table.indexOf(MOMENT))
                ? batch.longs(table.indexOf(MOMENT))
                : new long[0];
        for (int row = 0; row < batch.size(); row++) {
            long start = row < starts.length && Moments.isPossible(starts[row]) ? starts[row] : 0;
            boolean possible = lasts ? Moments.isPossible(start, values[row]) : Moments.isPossible(values[row]);
            if (!possible && !batch.isNull(column, row)) {
                stats.count(
                        "impossible_time",
                        Severity.DATA_LOSS,
                        table.name() + "." + what.name() + ": first " + values[row]);
                if (lasts || what.isMoment()) {
                    bad.set(row);
                } else {
                    batch.setNull(column, row);
                }
            }
        }
    }
}
