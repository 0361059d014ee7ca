package dev.hourglass.app.image;

import dev.hourglass.core.text.Escape;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.tukaani.xz.XZInputStream;

/// Unpacks the shared libraries of an archive at its first start.
///
/// They travel as `natives.zip.xz`, a third of their size, because every Linux machine has gzip and
/// tar but not every one has xz. Started by the launcher when that file is there; deletes it last,
/// so a start that was cut off is made again.
public final class FirstStart {
    private FirstStart() {}

    /// @param args the image's directory
    public static void main(String[] args) {
        Path home = Path.of(args[0]);
        try {
            unpack(home.resolve("natives.zip.xz"), home);
        } catch (AccessDeniedException e) {
            fail(home + " is not writable: start Hourglass once as a user who may write there");
        } catch (FileSystemException e) {
            fail("cannot unpack into " + home + ": " + (e.getReason() == null ? e.getMessage() : e.getReason()));
        } catch (IOException e) {
            fail("natives.zip.xz in " + home + " is damaged (" + e.getMessage() + "): unpack the archive again");
        }
    }

    private static void fail(String message) {
        System.err.println("hourglass: " + Escape.plain(message));
        System.exit(1);
    }

    /// Nothing is put into its place before the whole pack, with the check sum at its end, has been read.
    static void unpack(Path packed, Path home) throws IOException {
        Map<Path, Path> places = new LinkedHashMap<>();
        try {
            read(packed, home, places);
            for (Map.Entry<Path, Path> part : places.entrySet()) {
                Files.move(
                        part.getKey(),
                        part.getValue(),
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            }
        } finally {
            for (Path part : places.keySet()) {
                Files.deleteIfExists(part);
            }
        }
        Files.deleteIfExists(packed);
    }

    /// Two first starts at once each write files of their own.
    ///
    /// @param places filled with each written file and where it belongs
    private static void read(Path packed, Path home, Map<Path, Path> places) throws IOException {
        try (InputStream file = new BufferedInputStream(Files.newInputStream(packed), 1 << 16);
                XZInputStream unpacked = new XZInputStream(file);
                ZipInputStream zip = new ZipInputStream(unpacked)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path target = home.resolve(entry.getName()).normalize();
                if (!target.startsWith(home)) {
                    throw new IOException("it holds a path outside the image");
                }
                Files.createDirectories(target.resolveSibling(""));
                Path part = Files.createTempFile(target.resolveSibling(""), "unpacking", ".part");
                places.put(part, target);
                Files.copy(zip, part, StandardCopyOption.REPLACE_EXISTING);
                part.toFile().setReadable(true, false);
            }
            // The check sum stands at the end, behind what the zip reader reads.
            unpacked.transferTo(OutputStream.nullOutputStream());
        }
    }
}
