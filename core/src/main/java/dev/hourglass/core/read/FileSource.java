package dev.hourglass.core.read;

import dev.hourglass.core.trace.Head;
import dev.hourglass.core.trace.Source;
import dev.hourglass.core.trace.TraceFormatException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipException;

/// A file or directory on disk. Gzip (members may follow each other) and zstd are recognised by
/// their first bytes, whatever the file is called. Text in UTF-16 that begins with a byte-order mark is
/// handed over in UTF-8.
public final class FileSource implements Source {
    private static final int BUFFER = 1 << 18;
    private static final List<String> SUFFIXES = List.of(".gz", ".zst", ".zstd");

    private enum Packing {
        PLAIN,
        GZIP,
        ZSTD
    }

    private final String name;
    private final Path path;
    private final long size;
    private final Packing packing;
    private final boolean utf16;
    private final Head head;

    private FileSource(String name, Path path, long size, Packing packing, boolean utf16, Head head) {
        this.name = name;
        this.path = path;
        this.size = size;
        this.packing = packing;
        this.utf16 = utf16;
        this.head = head;
    }

    /// Looks at the beginning of a file, or at the names in a directory.
    ///
    /// @throws TraceFormatException if it is neither a file nor a directory, such as a pipe, which nobody may ever
    ///     write to, or an archive that is damaged at its beginning
    /// @throws IOException if it cannot be read
    public static FileSource of(Path path) throws IOException {
        return of(path, path.toString());
    }

    private static FileSource of(Path path, String name) throws IOException {
        if (Files.isDirectory(path)) {
            return new FileSource(name, path, 0, Packing.PLAIN, false, directoryHead(path));
        }
        if (!Files.isRegularFile(path)) {
            throw TraceFormatException.ofWhole(
                    name,
                    Files.exists(path)
                            ? "neither a file nor a directory; write what it yields into a file and name that"
                            : "a link to nothing");
        }
        long size = Files.size(path);
        Packing packing = packing(path);
        Head none = new Head("", new byte[0], List.of());
        byte[] first = new FileSource(name, path, size, packing, false, none).firstBytes();
        boolean utf16 = Utf16Input.startsWithMark(first);
        byte[] text = utf16 ? new FileSource(name, path, size, packing, true, none).firstBytes() : first;
        return new FileSource(name, path, size, packing, utf16, new Head(unpackedName(path), text, List.of()));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Head head() {
        return head;
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public InputStream open() throws IOException {
        InputStream content = unpacked();
        return utf16 ? new Utf16Input(content) : content;
    }

    private InputStream unpacked() throws IOException {
        InputStream file = Files.newInputStream(path);
        try {
            return switch (packing) {
                case PLAIN -> file;
                case GZIP -> new Gunzip(file, BUFFER, size);
                case ZSTD -> new Unzstd(new BufferedInputStream(file, BUFFER), size);
            };
        } catch (ZipException e) {
            file.close();
            throw new TraceFormatException(name, 0, "a gzip archive, but it is damaged: " + e.getMessage());
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    @Override
    public Optional<Path> plainFile() {
        return packing == Packing.PLAIN && !utf16 && Files.isRegularFile(path) ? Optional.of(path) : Optional.empty();
    }

    @Override
    public Source resolve(String entry) throws IOException {
        return of(path.resolve(entry), name + "/" + entry);
    }

    @Override
    public String toString() {
        return name;
    }

    private static Head directoryHead(Path path) throws IOException {
        try (Stream<Path> entries = Files.list(path)) {
            List<String> names = entries.map(entry -> String.valueOf(entry.getFileName()))
                    .sorted()
                    .toList();
            return new Head(String.valueOf(path.getFileName()), new byte[0], names);
        }
    }

    private static Packing packing(Path path) throws IOException {
        byte[] magic;
        try (InputStream in = Files.newInputStream(path)) {
            magic = in.readNBytes(4);
        }
        if (magic.length >= 2 && magic[0] == (byte) 0x1f && magic[1] == (byte) 0x8b) {
            return Packing.GZIP;
        }
        boolean zstd = magic.length == 4
                && magic[0] == (byte) 0x28
                && magic[1] == (byte) 0xb5
                && magic[2] == (byte) 0x2f
                && magic[3] == (byte) 0xfd;
        return zstd ? Packing.ZSTD : Packing.PLAIN;
    }

    private static String unpackedName(Path path) {
        String file = String.valueOf(path.getFileName());
        return SUFFIXES.stream()
                .filter(suffix -> file.toLowerCase(Locale.ROOT).endsWith(suffix))
                .findFirst()
                .map(suffix -> file.substring(0, file.length() - suffix.length()))
                .orElse(file);
    }

    /// What can be read of the beginning; an archive that is cut short yields what stands before the cut.
    private byte[] firstBytes() throws IOException {
        byte[] buffer = new byte[Head.LENGTH];
        int filled = 0;
        try (InputStream in = open()) {
            int n = 0;
            while (n >= 0 && filled < buffer.length) {
                filled += n;
                n = in.read(buffer, filled, buffer.length - filled);
            }
        } catch (IOException e) {
            if (packing == Packing.PLAIN) {
                throw e;
            }
            if (filled == 0) {
                throw new TraceFormatException(
                        name,
                        0,
                        "a readable " + packing.name().toLowerCase(Locale.ROOT)
                                + " archive, but it is damaged or cut short"
                                + (e.getMessage() == null ? "" : ": " + e.getMessage()));
            }
        }
        return Arrays.copyOf(buffer, filled);
    }
}
