package dev.hourglass.core.store;

import dev.hourglass.core.file.FileTree;
import dev.hourglass.core.file.Leftovers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Held by whoever makes a session in a place, from before anything is read until the session stands: a locked
/// file beside the place. The lock ends with the process, whatever ends it.
final class Reservation implements AutoCloseable {
    /// Places reserved by this process. To look at the file's lock a second time would end the first.
    private static final Set<Path> OURS = new HashSet<>();

    private final Path file;
    private final FileChannel channel;

    private Reservation(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /// Reserves a place.
    ///
    /// @throws RefusedException if another process has reserved it
    /// @throws IOException if nothing can be written beside it
    static Reservation of(Path place) throws IOException {
        Path file = place.resolveSibling("." + place.getFileName() + ".reserved");
        synchronized (OURS) {
            if (!OURS.add(file)) {
                throw refused(place, "this process");
            }
        }
        boolean held = false;
        try {
            @Nullable Reservation reservation = null;
            while (reservation == null) {
                reservation = attempt(place, file);
            }
            Leftovers.add(file);
            held = true;
            return reservation;
        } finally {
            if (!held) {
                release(file);
            }
        }
    }

    /// Null where the file was removed by the one who held it before, between two looks at it.
    private static @Nullable Reservation attempt(Path place, Path file) throws IOException {
        FileChannel channel = FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS);
        boolean ours = false;
        try {
            if (!isLocked(channel)) {
                throw refused(place, "process " + Files.readString(file).replaceAll("\\s.*", ""));
            }
            String mark = ProcessHandle.current().pid() + " " + UUID.randomUUID();
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(mark.getBytes(StandardCharsets.UTF_8)), 0);
            ours = FileTree.isThere(file) && Files.readString(file).equals(mark);
            return ours ? new Reservation(file, channel) : null;
        } catch (NoSuchFileException e) {
            return null;
        } finally {
            if (!ours) {
                channel.close();
            }
        }
    }

    /// A file system that keeps no locks cannot tell of others: there the look at the place before it is taken
    /// must do.
    private static boolean isLocked(FileChannel channel) {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private static RefusedException refused(Path place, String who) {
        return new RefusedException(
                "a session is being made in " + place + " by " + who + "; choose another place with -o");
    }

    private static void release(Path file) {
        synchronized (OURS) {
            OURS.remove(file);
        }
    }

    /// The file goes before the lock does: who opens it afterwards makes a new one.
    @Override
    public void close() throws IOException {
        try {
            Files.deleteIfExists(file);
        } finally {
            Leftovers.done(file);
            channel.close();
            release(file);
        }
    }
}
