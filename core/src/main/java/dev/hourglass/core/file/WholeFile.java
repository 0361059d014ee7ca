package dev.hourglass.core.file;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/// Writes files that appear under their name when they are whole: as new files beside their place, which are then
/// renamed. A link under the name is replaced, never written through; a full disk leaves what was there before.
public final class WholeFile {
    private static final String PART = ".part-";
    private static final AtomicLong NUMBER = new AtomicLong();

    private WholeFile() {}

    /// What a file shall hold.
    public interface Body {
        void write(OutputStream out) throws IOException;
    }

    /// Writes a text, in the place of what stands there.
    public static void write(Path file, String text) throws IOException {
        write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /// Writes bytes, in the place of what stands there.
    public static void write(Path file, byte[] content) throws IOException {
        write(file, out -> out.write(content));
    }

    /// Writes a file, in the place of what stands there.
    ///
    /// @throws IOException if it cannot be written, or a directory stands there
    public static void write(Path file, Body body) throws IOException {
        sweep(file);
        Path part = part(file);
        try {
            fill(part, body);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            throw part.toString().equals(e.getFile()) ? about(file, e) : e;
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /// The same said of the file itself.
    private static FileSystemException about(Path file, FileSystemException e) {
        String name = file.toString();
        FileSystemException said = switch (e) {
            case AccessDeniedException denied -> new AccessDeniedException(name, null, denied.getReason());
            case NoSuchFileException missing -> new NoSuchFileException(name, null, missing.getReason());
            default -> new FileSystemException(name, null, e.getReason());
        };
        said.initCause(e);
        return said;
    }

    /// Writes a file where a person asked for it: a link is followed, and what is no file, such as a device or a
    /// pipe, is written to.
    public static void writeWhereAsked(Path file, String text) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            Files.writeString(file, text);
        } else {
            write(Files.exists(file) ? file.toRealPath() : file, text);
        }
    }

    /// Makes a directory for such files where there is none.
    ///
    /// @throws FileSystemException if something else stands there; a link to a directory is something else
    public static Path directory(Path directory) throws IOException {
        try {
            return Files.createDirectory(directory);
        } catch (FileAlreadyExistsException e) {
            if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                return directory;
            }
            throw new FileSystemException(
                    directory.toString(), null, "a link or a file stands where a directory belongs");
        }
    }

    /// Where a file or directory grows before it is whole.
    public static Path part(Path place) {
        return place.resolveSibling(
                "." + place.getFileName() + PART + Owner.present() + "-" + NUMBER.incrementAndGet());
    }

    /// Puts what has grown into its place, where nothing stands yet.
    ///
    /// @throws FileAlreadyExistsException if something stands there; it stays as it is
    public static void place(Path part, Path place) throws IOException {
        if (FileTree.isThere(place)) {
            throw new FileAlreadyExistsException(place.toString());
        }
        if (Files.isDirectory(part, LinkOption.NOFOLLOW_LINKS)) {
            Files.move(
                    part,
                    place,
                    StandardCopyOption.ATOMIC_MOVE); // the system replaces no directory that holds something
            return;
        }
        try {
            Files.createLink(place, part);
            Files.delete(part);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (FileSystemException | UnsupportedOperationException e) {
            Files.move(part, place, StandardCopyOption.ATOMIC_MOVE); // a file system without second names
        }
    }

    /// Removes what processes left that were killed while they wrote this file.
    public static void sweep(Path place) {
        Path directory = place.toAbsolutePath().resolveSibling("");
        String begin = "." + place.getFileName() + PART;
        try {
            for (Path left : FileTree.entries(directory, name -> name.startsWith(begin) && isDead(name))) {
                FileTree.delete(left);
            }
        } catch (IOException e) {
            return; // what cannot be seen or removed does not stand in the way
        }
    }

    /// Whether a name is that of something that grows.
    public static boolean isPart(String name) {
        return name.startsWith(".") && name.contains(PART);
    }

    private static boolean isDead(String name) {
        return Owner.isDead(name.substring(name.lastIndexOf(PART) + PART.length()));
    }

    private static void fill(Path part, Body body) throws IOException {
        try (OutputStream out = Files.newOutputStream(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            body.write(out);
        }
    }
}
