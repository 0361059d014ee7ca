package dev.hourglass.core;

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

/// Digests of files: SHA-256 of the whole content, or, for a large file, of its size and of one block
/// in sixteen, so that knowing a file costs less than reading it.
final class Digest {
    private static final long LARGE = 64L << 20;
    private static final int BLOCK = 64 << 10;
    private static final int EVERY = 16;

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

    /// `sha256:` with the digest of the content; `sha256-sampled:` with that of a large file's samples.
    static String of(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return "";
        }
        try (FileChannel channel = FileChannel.open(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            long size = channel.size();
            boolean large = size > LARGE;
            if (large) {
                digest.update(ByteBuffer.allocate(Long.BYTES).putLong(size).flip());
            }
            ByteBuffer block = ByteBuffer.allocate(BLOCK);
            for (long at = 0; at < size; at += large ? (long) BLOCK * EVERY : BLOCK) {
                channel.read(block.clear(), at);
                digest.update(block.flip());
            }
            return (large ? "sha256-sampled:" : "sha256:") + HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
