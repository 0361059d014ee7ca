package dev.hourglass.app.record;

import dev.hourglass.core.Explained;
import dev.hourglass.core.SessionReports;
import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.SessionDirectory;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.RowSpool;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/// Runs whose recorder was killed. What was measured until then lies in files beside the database that it could not
/// finish; here it becomes a session.
public final class KilledRuns {
    private KilledRuns() {}

    /// Finishes all runs that were to stand in a directory.
    ///
    /// @param say told of each, in a line
    public static void finish(Path parent, Consumer<String> say) {
        for (SessionDirectory directory : SessionDirectory.abandoned(parent)) {
            try {
                boolean explained = complete(directory.growing());
                directory.publish();
                say.accept("an earlier run was killed; what it had measured is in " + directory.target());
                if (explained) {
                    SessionLayout session = new SessionLayout(directory.target());
                    SessionReports.write(Explained.of(session.directory()), session);
                }
            } catch (IOException | RuntimeException e) {
                say.accept("what an earlier run left that was killed cannot be finished: " + e.getMessage() + " ("
                        + directory.leave() + ")");
            }
        }
    }

    /// @return whether there is something to explain
    private static boolean complete(SessionLayout session) throws IOException {
        if (CommandSession.liesIn(session)) {
            CommandSession.complete(session, KilledRuns::sayKilled);
            return true;
        }
        try (TraceStore store = Files.exists(session.database())
                ? TraceStore.resume(session.database())
                : TraceStore.create(session.database(), BlockSize.SMALL)) {
            // Rows become durable all at once: where there are some, the recorder died later, with all of them there.
            if (store.rows(Tables.TOKEN) + store.rows(Tables.CORE_SAMPLE) == 0) {
                RowSpool.read(session.stepRows(), store);
                RowSpool.read(session.machineRows(), store);
            }
            sayKilled(store);
            DecodeRecorder.seal(store, session);
            DeviceRecorder.settle(session, false);
            return store.rows(Tables.TOKEN) > 0;
        }
    }

    private static void sayKilled(BatchSink sink) {
        try (RowWriter rows = new RowWriter(Tables.IMPORT_STAT, sink)) {
            rows.set("source", "recorder")
                    .set("kind", "recorder_killed")
                    .set("severity", "data_loss")
                    .set("count", 1)
                    .set("place", "the recorder was killed; what was on disk by then is kept")
                    .end();
        }
    }
}
