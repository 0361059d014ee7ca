package dev.hourglass.core.read.session;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// A name by which the database engine opens one file and no other.
///
/// The engine takes `*`, `?` and `[` in a name for a pattern and reads every file that fits it, and has no way to be
/// told otherwise. A file with such a name is opened here, and the engine is given the number under which it is open.
final class EngineName implements AutoCloseable {
    private static final Path OPEN_FILES = Path.of("/proc/self/fd");
    private static final String MEANS_SOMETHING = "*?[";

    private final Path name;
    private final FileChannel held;

    private EngineName(Path name, FileChannel held) {
        this.name = name;
        this.held = held;
    }

    /// @throws IOException if the file cannot be opened, or the system has no such numbers
    static EngineName of(Path file) throws IOException {
        Path whole = file.toAbsolutePath();
        FileChannel opened = FileChannel.open(whole);
        try {
            boolean plain = whole.toString().chars().noneMatch(c -> MEANS_SOMETHING.indexOf(c) >= 0);
            return new EngineName(plain ? whole : number(whole.toRealPath()), opened);
        } catch (IOException e) {
            opened.close();
            throw e;
        }
    }

    private static Path number(Path file) throws IOException {
        if (Files.isDirectory(OPEN_FILES)) {
            try (DirectoryStream<Path> open = Files.newDirectoryStream(OPEN_FILES)) {
                for (Path one : open) {
                    if (isOf(one, file)) {
                        return one;
                    }
                }
            }
        }
        throw new IOException("the database engine takes *, ? and [ in its path for a pattern; give it another name");
    }

    /// Others close their files meanwhile.
    private static boolean isOf(Path number, Path file) {
        try {
            return Files.readSymbolicLink(number).equals(file);
        } catch (IOException e) {
            return false;
        }
    }

    /// As a text of SQL.
    String literal() {
        return "'" + name.toString().replace("'", "''") + "'";
    }

    @Override
    public String toString() {
        return name.toString();
    }

    @Override
    public void close() throws IOException {
        held.close();
    }
}
