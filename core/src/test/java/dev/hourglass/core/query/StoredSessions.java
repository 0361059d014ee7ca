package dev.hourglass.core.query;

import dev.hourglass.core.store.SessionLayout;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;

/// Sessions that earlier builds wrote, see the README beside them.
public final class StoredSessions {
    private StoredSessions() {}

    /// Names of all of them.
    public static List<String> names() {
        return List.of("v0/decode", "v0/trace", "v1/first", "v1/trace", "v1/decode");
    }

    /// Puts one into a new directory.
    public static SessionLayout unpack(String name, Path directory) throws IOException {
        SessionLayout layout = new SessionLayout(Files.createDirectories(directory));
        String file = "/sessions/" + name + ".duckdb.gz";
        try (InputStream in =
                new GZIPInputStream(Objects.requireNonNull(StoredSessions.class.getResourceAsStream(file), file))) {
            Files.copy(in, layout.database());
        }
        return layout;
    }

    /// Makes a session's directory one that nothing can be written to: nobody can take its lock.
    public static void forbidWriting(SessionLayout session) throws IOException {
        Files.createDirectory(session.directory().resolve(".lock"));
    }
}
