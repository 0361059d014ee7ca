package dev.hourglass.core.ingest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.GZIPInputStream;

/// What a gzip archive says of its content in its last eight bytes; of one of several members, of the last.
///
/// @param crc CRC-32
/// @param size bytes, modulo 2³²
record GzipTrailer(long crc, long size) {
    private static final int LENGTH = 8;
    private static final long UNSIGNED = 0xFFFF_FFFFL;

    /// Empty for a file that is no archive.
    static Optional<GzipTrailer> of(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer magic = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN);
            ByteBuffer last = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
            boolean read = channel.size() > LENGTH
                    && channel.read(magic, 0) == magic.capacity()
                    && channel.read(last, channel.size() - LENGTH) == LENGTH;
            return read && (magic.getShort(0) & 0xFFFF) == GZIPInputStream.GZIP_MAGIC
                    ? Optional.of(new GzipTrailer(last.getInt(0) & UNSIGNED, last.getInt(4) & UNSIGNED))
                    : Optional.empty();
        }
    }

    /// Whether a plain file is what the archive holds.
    boolean isOf(Path plain) throws IOException {
        if ((Files.size(plain) & UNSIGNED) != size) {
            return false;
        }
        CRC32 sum = new CRC32();
        try (InputStream in = new CheckedInputStream(Files.newInputStream(plain), sum)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return sum.getValue() == crc;
    }
}
