package dev.hourglass.core;

import dev.hourglass.core.query.Views;
import dev.hourglass.core.store.TraceStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// The database of a session that holds nothing yet: every table, view and derived table.
///
/// Planning the statements that make one takes longer than reading a short recording. So an image
/// brings one along, made when the image was, and new sessions begin as a copy of it.
public final class EmptyDatabase {
    /// System property with the path of the one that is copied. Where no file is there, each session
    /// makes its own.
    public static final String PROPERTY = "hourglass.emptyDatabase";

    private EmptyDatabase() {}

    static TraceStore create(Path database) {
        Path brought = Path.of(System.getProperty(PROPERTY, ""));
        return Files.isRegularFile(brought) ? TraceStore.createAs(brought, database) : make(database);
    }

    private static TraceStore make(Path database) {
        TraceStore store = TraceStore.create(database);
        try {
            Views.create(store);
        } catch (RuntimeException e) {
            store.abandon();
            throw e;
        }
        return store;
    }

    /// Makes the one that an image brings along.
    ///
    /// @param file replaced at once, when it is whole
    public static void write(Path file) throws IOException {
        Path unfinished = file.resolveSibling(file.getFileName() + ".part");
        Files.deleteIfExists(unfinished);
        make(unfinished).close();
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
