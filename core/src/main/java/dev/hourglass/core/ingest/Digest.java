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
/// CRC-32C of each block of 64 KiB, or of one block in sixteen where it is very large: in a process that has just
/// begun, SHA-256 takes 15 ns a byte and the check sums less than one, and knowing a file must cost less than
/// reading it.
final class Digest {
    /// Up to here the whole content goes through SHA-256.
    private static final long MOST_BYTES_OF_SMALL = 1L << 20;
    /// Up to here every block has a check sum.
    private static final long MOST_BYTES_OF_MIDDLE = 64L << 20;
    /// Bytes of one check sum.
    private static final int BLOCK_BYTES = 64 << 10;
    /// Of a larger file one block in so many has one.
    private static final int BLOCKS_PER_SAMPLE = 16;

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

    /// The digest in hexadecimal, behind the way in which it was computed: `sha256`, `sha256-crc32c`,
    /// `sha256-crc32c-sampled`; empty for what is not a file.
    static String of(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return "";
        }
        try (FileChannel channel = FileChannel.open(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            long size = channel.size();
            String way = size <= MOST_BYTES_OF_SMALL
                    ? "sha256"
                    : size <= MOST_BYTES_OF_MIDDLE ? "sha256-crc32c" : "sha256-crc32c-sampled";
            if (size <= MOST_BYTES_OF_SMALL) {
                digest.update(Files.readAllBytes(file));
            } else {
                sums(channel, size, digest);
            }
            return way + ":" + HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static void sums(FileChannel channel, long size, MessageDigest digest) throws IOException {
        long step = size > MOST_BYTES_OF_MIDDLE ? (long) BLOCK_BYTES * BLOCKS_PER_SAMPLE : BLOCK_BYTES;
        ByteBuffer sums = ByteBuffer.allocate(Long.BYTES + Math.toIntExact((size + step - 1) / step) * Integer.BYTES);
        sums.putLong(size);
        ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
        CRC32C sum = new CRC32C();
        for (long at = 0; at < size; at += step) {
            channel.read(block.clear(), at);
            sum.reset();
            sum.update(block.flip());
            sums.putInt((int) sum.getValue());
        }
        digest.update(sums.flip());
    }
}
