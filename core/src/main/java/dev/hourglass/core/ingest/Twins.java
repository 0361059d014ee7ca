package dev.hourglass.core.ingest;

import dev.hourglass.core.trace.Source;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.GZIPInputStream;

/// Archives whose whole content lies beside them in a plain file.
///
/// Names and the size that an archive states in its last bytes say which files are compared; every byte says whether
/// they are the same. An archive of several members states the size of the last alone.
final class Twins {
    private static final int TRAILER_BYTES = 8;
    private static final int SIZE_BYTES = 4;
    private static final long UNSIGNED = 0xFFFF_FFFFL;
    private static final int BLOCK_BYTES = 1 << 16;

    private final List<Path> plain;

    /// @param plain files among which the content of archives may be
    Twins(List<Path> plain) {
        this.plain = List.copyOf(plain);
    }

    /// The file that holds what an archive does; empty where none does, and for what is no archive.
    Optional<Path> of(Source archive) throws IOException {
        if (archive.plainFile().isPresent() || Files.isDirectory(archive.path())) {
            return Optional.empty();
        }
        OptionalLong size = statedSize(archive.path());
        for (Path file : plain) {
            boolean called = archive.head().name().equals(String.valueOf(file.getFileName()));
            boolean sized = size.isPresent() && (Files.size(file) & UNSIGNED) == size.getAsLong();
            if ((called || sized) && holds(archive, file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }

    /// Bytes of the last member of a gzip archive, modulo 2³².
    private static OptionalLong statedSize(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer magic = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN);
            ByteBuffer last = ByteBuffer.allocate(SIZE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            boolean read = channel.size() > TRAILER_BYTES
                    && channel.read(magic, 0) == magic.capacity()
                    && channel.read(last, channel.size() - SIZE_BYTES) == SIZE_BYTES;
            return read && (magic.getShort(0) & 0xFFFF) == GZIPInputStream.GZIP_MAGIC
                    ? OptionalLong.of(last.getInt(0) & UNSIGNED)
                    : OptionalLong.empty();
        }
    }

    private static boolean holds(Source archive, Path file) {
        try (InputStream packed = archive.open();
                InputStream content = Files.newInputStream(file)) {
            byte[] block = new byte[BLOCK_BYTES];
            byte[] other = new byte[BLOCK_BYTES];
            int length = BLOCK_BYTES;
            while (length == BLOCK_BYTES) {
                length = packed.readNBytes(block, 0, BLOCK_BYTES);
                int there = content.readNBytes(other, 0, BLOCK_BYTES);
                if (!Arrays.equals(block, 0, length, other, 0, there)) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return false; // a damaged archive is read as far as it goes
        }
    }
}
