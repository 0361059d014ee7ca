package dev.hourglass.core.ingest;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Column;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.Moments;
import java.util.List;

/// Adds an offset to every moment on its way: the columns called `ts` or ending in `_ts`.
record ShiftedSink(BatchSink next, long offsetNs) implements BatchSink {

    @Override
    public void accept(EventBatch batch) {
        List<Column> columns = batch.table().columns();
        for (int c = 0; c < columns.size(); c++) {
            if (columns.get(c).isMoment() && !batch.isAllNull(c)) {
                long[] values = batch.longs(c);
                for (int row = 0; row < batch.size(); row++) {
                    values[row] = Moments.plus(values[row], offsetNs);
                }
            }
        }
        next.accept(batch);
    }
}
