package dev.hourglass.core.trace;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;

/// An input: a file, compressed or not, or a directory.
public interface Source {
    /// The name as the user gave it, for messages.
    String name();

    /// What is known before reading.
    Head head();

    /// The file or directory on disk.
    Path path();

    /// Size on disk in bytes; 0 for a directory.
    long size();

    /// Opens the content from its beginning, decompressed. May be called again.
    ///
    /// @throws TraceFormatException if the archive is damaged at its beginning
    InputStream open() throws IOException;

    /// The file when its bytes are the content: not compressed, and so fit for positioned reads and
    /// for libraries that open files themselves.
    Optional<Path> plainFile();

    /// A file of a directory.
    ///
    /// @param entry its path in the directory
    Source resolve(String entry) throws IOException;
}
