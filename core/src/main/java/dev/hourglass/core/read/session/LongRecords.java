package dev.hourglass.core.read.session;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// Counts the records of a CSV file that are longer than the database engine takes: it leaves some of them out
/// without a word.
final class LongRecords {
    private static final int BUFFER_BYTES = 1 << 16;

    private LongRecords() {}

    /// A line end inside quotes ends no record; a quote that never closes makes the rest of the file one.
    ///
    /// @param mostBytes of a record, its line end aside
    static long in(Path file, long mostBytes) throws IOException {
        long found = 0;
        long length = 0;
        boolean quoted = false;
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                for (int i = 0; i < n; i++) {
                    quoted ^= buffer[i] == '"';
                    if (buffer[i] == '\n' && !quoted) {
                        found += length > mostBytes ? 1 : 0;
                        length = 0;
                    } else {
                        length++;
                    }
                }
            }
        }
        return found + (length > mostBytes ? 1 : 0);
    }
}
