package dev.hourglass.core.store;

import dev.hourglass.core.file.FileTree;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// Held by whoever changes a session that stands: others wait, so that no change is lost. It ends with
/// the process that holds it. Who only reads needs none.
public final class WriterLock implements AutoCloseable {
    private static final long RETRY_MS = 50;

    private final FileChannel channel;

    private WriterLock(FileChannel channel) {
        this.channel = channel;
    }

    /// Waits until nobody else changes the session.
    ///
    /// @param waiting called once if somebody does at the moment
    /// @throws UnwritableException if nothing can be written to the session's directory
    public static WriterLock on(SessionLayout session, Runnable waiting) throws IOException {
        session.refuseLinks();
        FileChannel channel = open(session);
        try {
            if (taken(channel) == null) {
                waiting.run();
                while (taken(channel) == null) {
                    Thread.sleep(RETRY_MS);
                }
            }
            return new WriterLock(channel);
        } catch (InterruptedException e) {
            channel.close();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while another process changes " + session.directory(), e);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /// Whether the session's directory can be written to at all. Looks without opening the lock: to close it again
    /// would end the hold of another thread.
    static boolean isPossible(SessionLayout session) {
        Path lock = session.lock();
        boolean free = !FileTree.isThere(lock);
        boolean ours = Files.isRegularFile(lock, LinkOption.NOFOLLOW_LINKS) && Files.isWritable(lock);
        return Files.isWritable(session.directory()) && (free || ours);
    }

    private static FileChannel open(SessionLayout session) throws UnwritableException {
        if (!isPossible(session)) {
            throw new UnwritableException(
                    session, new AccessDeniedException(session.directory().toString()));
        }
        try {
            return FileChannel.open(
                    session.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw new UnwritableException(session, e);
        }
    }

    /// The lock, or null while another process, or another thread of this one, holds it.
    private static @Nullable FileLock taken(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // The system lets go of it at the latest when the process ends.
        }
    }
}
