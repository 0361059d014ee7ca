package dev.hourglass.core.file;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Directories with what is in them. No link is followed.
public final class FileTree {
    private FileTree() {}

    /// Removes a file, or a directory with everything in it; does nothing where there is none.
    public static void delete(Path root) throws IOException {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> walk = Files.walk(root)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (DirectoryNotEmptyException e) {
            throw new IOException(root + " is being written to by somebody else", e);
        }
    }

    /// What a directory holds under names of a kind, in the order of their names.
    public static List<Path> entries(Path directory, Predicate<String> named) throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> all =
                Files.newDirectoryStream(directory, entry -> named.test(String.valueOf(entry.getFileName())))) {
            all.forEach(entries::add);
        }
        entries.sort(Comparator.naturalOrder());
        return entries;
    }

    /// Whether something stands under a name, be it a link to nowhere.
    public static boolean isThere(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }
}
