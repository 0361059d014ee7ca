package dev.hourglass.core.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/// A directory among the system's temporary files that is gone with its process: at the end, when the process
/// is asked to end, or, if it was killed, when the next one wants such a directory.
public final class Temporary implements AutoCloseable {
    private static final String PREFIX = "hourglass-";

    private final Path directory;

    private Temporary(Path directory) {
        this.directory = directory;
    }

    /// Makes one, and removes those of processes that are no more.
    public static Temporary create() throws IOException {
        sweep(Path.of(System.getProperty("java.io.tmpdir")));
        Path directory = Files.createTempDirectory(PREFIX + Owner.present() + "-");
        Leftovers.add(directory);
        return new Temporary(directory);
    }

    public Path directory() {
        return directory;
    }

    @Override
    public void close() throws IOException {
        FileTree.delete(directory);
        Leftovers.done(directory);
    }

    private static void sweep(Path temporary) {
        try {
            for (Path left : FileTree.entries(temporary, Temporary::isDead)) {
                if (Files.isDirectory(left, LinkOption.NOFOLLOW_LINKS)) {
                    FileTree.delete(left);
                }
            }
        } catch (IOException e) {
            return; // somebody else's, or somebody else removes it at the moment
        }
    }

    private static boolean isDead(String name) {
        return Optional.of(name)
                .filter(n -> n.startsWith(PREFIX))
                .map(n -> n.substring(PREFIX.length()))
                .filter(Owner::isDead)
                .isPresent();
    }
}
