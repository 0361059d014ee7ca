package dev.hourglass.core.ingest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.zip.CRC32C;

/// Digests of files. Of a small one the SHA-256 of its content. Of a larger one that of its size and of the
/// CRC-32C of each block of 64 KiB: in a process that has just begun, SHA-256 takes 15 ns a byte and the check sums
/// less than one, and knowing a file must cost less than reading it.
final class Digest {
    /// Up to here the whole content goes through SHA-256.
    private static final long MOST_BYTES_OF_SMALL = 1L << 20;
    /// Above, older versions took the check sum of one block in so many.
    private static final long MOST_BYTES_UNSAMPLED = 64L << 20;

    private static final int BLOCKS_PER_SAMPLE = 16;
    /// Bytes of one check sum.
    private static final int BLOCK_BYTES = 64 << 10;

    private Digest() {}

    /// A digest that is being computed.
    static final class Pending {
        private final FutureTask<String> task;

        private Pending(FutureTask<String> task) {
            this.task = task;
        }

        String await() throws IOException {
            try {
                return task.get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            } catch (ExecutionException e) {
                throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
            }
        }
    }

    /// Begins to compute a file's digest on a thread of its own; that of a directory is empty.
    static Pending begin(Path file) {
        FutureTask<String> task = new FutureTask<>(() -> of(file));
        Thread.ofPlatform().daemon().name("digest").start(task);
        return new Pending(task);
    }

    /// The digest in hexadecimal, behind the way in which it was computed: `sha256`, `sha256-crc32c`; empty for
    /// what is
    /// not a file.
    static String of(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return "";
        }
        return Files.size(file) <= MOST_BYTES_OF_SMALL
                ? "sha256:" + hex(Files.readAllBytes(file))
                : "sha256-crc32c:" + hex(sums(file, 1));
    }

    /// The digest that older versions made of a very large file, behind `sha256-crc32c-sampled`; empty for another
    /// file.
    static String sampled(Path file) throws IOException {
        return Files.isRegularFile(file) && Files.size(file) > MOST_BYTES_UNSAMPLED
                ? "sha256-crc32c-sampled:" + hex(sums(file, BLOCKS_PER_SAMPLE))
                : "";
    }

    private static String hex(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /// Size and check sums.
    ///
    /// @param step of so many blocks the first has one
    private static byte[] sums(Path file, int step) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            long size = channel.size();
            long stride = (long) BLOCK_BYTES * step;
            ByteBuffer sums =
                    ByteBuffer.allocate(Long.BYTES + Math.toIntExact((size + stride - 1) / stride) * Integer.BYTES);
            sums.putLong(size);
            ByteBuffer block = ByteBuffer.allocateDirect(BLOCK_BYTES);
            CRC32C sum = new CRC32C();
            for (long at = 0; at < size; at += stride) {
                fill(channel, at, block.clear());
                sum.reset();
                sum.update(block.flip());
                sums.putInt((int) sum.getValue());
            }
            return sums.array();
        }
    }

    private static void fill(FileChannel channel, long from, ByteBuffer block) throws IOException {
        int n = 0;
        while (n >= 0 && block.hasRemaining()) {
            n = channel.read(block, from + block.position());
        }
    }
}
