package dev.hourglass.core.ingest;

import dev.hourglass.core.query.Views;
import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.TraceStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// The database of a session that holds nothing yet: every table, view and derived table.
///
/// Planning the statements that make one takes longer than reading a short recording. So an image
/// brings one along for each size of blocks, made when the image was, and new sessions begin as a copy.
public final class EmptyDatabase {
    /// System property with the directory of those that are copied. Where none is there, each session
    /// makes its own.
    public static final String PROPERTY = "hourglass.emptyDatabases";

    private EmptyDatabase() {}

    static TraceStore create(Path database, BlockSize blocks) {
        Path brought = file(Path.of(System.getProperty(PROPERTY, "")), blocks);
        return Files.isRegularFile(brought) ? TraceStore.createAs(brought, database) : make(database, blocks);
    }

    private static Path file(Path directory, BlockSize blocks) {
        return directory.resolve("empty-" + blocks.word() + ".duckdb");
    }

    static TraceStore make(Path database, BlockSize blocks) {
        TraceStore store = TraceStore.create(database, blocks);
        try {
            Views.create(store);
        } catch (RuntimeException e) {
            store.abandon();
            throw e;
        }
        return store;
    }

    /// Makes those that an image brings along.
    ///
    /// @param directory where they are replaced, each at once when it is whole
    public static void write(Path directory) throws IOException {
        for (BlockSize blocks : BlockSize.values()) {
            Path file = file(directory, blocks);
            Path unfinished = file.resolveSibling(file.getFileName() + ".part");
            Files.deleteIfExists(unfinished);
            make(unfinished, blocks).close();
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        }
    }
}
