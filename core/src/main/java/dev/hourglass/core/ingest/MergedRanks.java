package dev.hourglass.core.ingest;

import dev.hourglass.core.query.QueryFile;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Ranks of a distributed run that lie in one file: where the names of their processes tell which is which, each is a
/// source of its own afterwards, so that two ranks that each call their GPU 0 stay two GPUs. Where nothing tells, that
/// is counted.
final class MergedRanks {
    private static final QueryFile ALL =
            QueryFile.read(Objects.requireNonNull(MergedRanks.class.getResourceAsStream("ranks.sql")));
    private static final String KIND = "ranks_not_told";

    private MergedRanks() {}

    /// Parts the sources of a database.
    ///
    /// @return what could not be parted
    static List<TraceImport.Loss> part(TraceStore store) {
        store.flush();
        store.execute(ALL.text("label"));
        if (store.number(ALL.text("any")) > 0) {
            store.execute(ALL.text("sources"));
            store.execute(ALL.text("first"));
            for (String table : List.of("process", "thread", "track", "launch")) {
                store.execute(ALL.text("by_process", Map.of("table", table)));
            }
            store.execute(ALL.text("by_track", Map.of("table", "stage")));
            for (String table : List.of("kernel", "memcpy", "memory_event")) {
                store.execute(ALL.text("by_slice", Map.of("table", table)));
            }
        }
        store.execute(ALL.text("drop"));
        List<TraceImport.Loss> losses = new ArrayList<>();
        for (String source : store.texts(ALL.text("mixed"))) {
            losses.add(new TraceImport.Loss(
                    source,
                    new ImportStats.Loss(
                            KIND,
                            Severity.NOTICE,
                            1,
                            "several processes share a GPU's number, and its streams overlap: ranks of several GPUs that"
                                    + " the file does not tell apart; import each rank's own file")));
        }
        return losses;
    }
}
