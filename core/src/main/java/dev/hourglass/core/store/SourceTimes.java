package dev.hourglass.core.store;

import dev.hourglass.core.trace.Column;
import dev.hourglass.core.trace.Moments;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.Tables;
import java.util.List;
import java.util.stream.Collectors;

/// All moments of one source of a database.
public final class SourceTimes {
    private final TraceStore store;
    private final long sourceId;

    public SourceTimes(TraceStore store, long sourceId) {
        this.store = store;
        this.sourceId = sourceId;
    }

    /// Adds to every moment.
    public void shift(long offsetNs) {
        for (Table table : tables()) {
            String set = moments(table).stream()
                    .map(name -> name + " = " + name + " + (" + offsetNs + ")")
                    .collect(Collectors.joining(", "));
            store.execute("UPDATE " + table.name() + " SET " + set + " WHERE " + ofSource(table));
        }
    }

    /// Whether every moment stays possible when this is added.
    public boolean canShift(long offsetNs) {
        return tables().stream()
                .allMatch(table -> moments(table).stream()
                        .allMatch(moment ->
                                store.number("SELECT count(*) FROM " + table.name() + " WHERE " + ofSource(table)
                                                + " AND " + moment + "::HUGEINT + (" + offsetNs + ") NOT BETWEEN ("
                                                + Moments.EARLIEST
                                                + ") AND " + Moments.LATEST)
                                        == 0));
    }

    private static List<Table> tables() {
        return Tables.all().stream()
                .filter(table -> !moments(table).isEmpty() && (table.has("source_id") || table.has("track_id")))
                .toList();
    }

    private static List<String> moments(Table table) {
        return table.columns().stream()
                .filter(Column::isMoment)
                .map(Column::name)
                .toList();
    }

    private String ofSource(Table table) {
        return table.has("source_id")
                ? "source_id = " + sourceId
                : "track_id IN (SELECT id FROM track WHERE source_id = " + sourceId + ")";
    }
}
