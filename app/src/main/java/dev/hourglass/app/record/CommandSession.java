package dev.hourglass.app.record;

import dev.hourglass.core.file.FileTree;
import dev.hourglass.core.ingest.RecordedTraces;
import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.query.Views;
import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.RowSpool;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/// Makes a session of what was recorded beside a command: the files that its processes left, and what was sampled
/// of the machine.
final class CommandSession {
    private CommandSession() {}

    /// What else belongs into the session.
    interface More {
        void write(BatchSink sink);
    }

    /// Whether files of a command lie there, and not those of a decode run.
    static boolean liesIn(SessionLayout session) {
        return Files.isDirectory(session.probe());
    }

    /// Fills the session's database, whatever an attempt before this one has left of it, and removes the files.
    ///
    /// @throws IOException if the files cannot be read or the database cannot be written
    static void complete(SessionLayout session, More more) throws IOException {
        Files.deleteIfExists(session.database());
        Files.deleteIfExists(
                session.database().resolveSibling(session.database().getFileName() + ".wal"));
        boolean probed = !FileTree.entries(session.probe(), name -> true).isEmpty();
        if (probed) {
            new TraceImport(RecordedTraces.options(session.probe()), bytes -> {})
                    .into(List.of(session.probe()), session.database());
        }
        try (TraceStore store = probed
                ? TraceStore.resume(session.database())
                : TraceStore.create(session.database(), BlockSize.SMALL)) {
            RowSpool.read(session.machineRows(), store);
            more.write(store);
            if (!probed) {
                Views.create(store);
            }
        }
        Files.deleteIfExists(session.machineRows());
        FileTree.delete(session.probe());
    }
}
