package dev.hourglass.core.read.session;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// The records of a CSV file that the database engine cannot be given: it leaves some of those that are long out
/// without
/// a word, and copies a whole record for each cell too many in it.
///
/// @param tooLong records that are longer than the engine takes
/// @param copied bytes that the engine would copy for the record that costs most
record LongRecords(long tooLong, long copied) {
    private static final int BUFFER_BYTES = 1 << 16;

    /// A line end inside quotes ends no record; a quote that never closes makes the rest of the file one.
    ///
    /// @param mostBytes of a record, its line end aside
    /// @param columns cells of a record
    static LongRecords in(Path file, long mostBytes, int columns) throws IOException {
        Count count = new Count(mostBytes, columns);
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                for (int i = 0; i < n; i++) {
                    count.next(buffer[i]);
                }
            }
        }
        count.end();
        return new LongRecords(count.tooLong, count.copied);
    }

    private static final class Count {
        private final long mostBytes;
        private final int columns;
        private long tooLong;
        private long copied;
        private long length;
        private long cells = 1;
        private boolean quoted;

        private Count(long mostBytes, int columns) {
            this.mostBytes = mostBytes;
            this.columns = columns;
        }

        private void next(byte b) {
            quoted ^= b == '"';
            if (b == '\n' && !quoted) {
                end();
            } else {
                length++;
                cells += b == ',' && !quoted ? 1 : 0;
            }
        }

        private void end() {
            tooLong += length > mostBytes ? 1 : 0;
            copied = Math.max(copied, length * Math.max(0, cells - columns));
            length = 0;
            cells = 1;
        }
    }
}
