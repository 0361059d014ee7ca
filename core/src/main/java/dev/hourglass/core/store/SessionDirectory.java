package dev.hourglass.core.store;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Where a new session will stand. It grows in a hidden directory beside its place and is moved
/// there when it is whole, so that nothing half-written is ever found under its name.
public final class SessionDirectory implements AutoCloseable {
    private static final String GROWING = ".growing-";

    private final Path target;
    private final Path staging;
    private final List<Path> madeForIt;

    private SessionDirectory(Path target, Path staging, List<Path> madeForIt) {
        this.target = target;
        this.staging = staging;
        this.madeForIt = madeForIt;
    }

    /// Claims a place for a session.
    ///
    /// @param wanted where it shall stand; a missing or empty directory, or with `force` a session
    /// @throws RefusedException if something else stands there, or nothing can be written there
    public static SessionDirectory claim(Path wanted, boolean force) {
        Path target = wanted.toAbsolutePath().normalize();
        checkPlace(target, force);
        Path parent = Optional.ofNullable(target.getParent()).orElse(target);
        List<Path> missing = Stream.iterate(parent, path -> path != null && !Files.exists(path), Path::getParent)
                .toList();
        try {
            Files.createDirectories(parent);
            sweep(target);
            Path staging = target.resolveSibling("." + target.getFileName() + GROWING
                    + ProcessHandle.current().pid());
            return new SessionDirectory(target, Files.createDirectory(staging), missing);
        } catch (IOException e) {
            throw new RefusedException(
                    "cannot write to " + parent + " (" + reason(e) + "); choose another place with -o");
        }
    }

    /// The sessions of recorders that were killed, with what they had measured by then, each to be published
    /// beside the place where it was to stand.
    ///
    /// @param parent where they were to stand
    public static List<SessionDirectory> abandoned(Path parent) {
        if (!Files.isDirectory(parent)) {
            return List.of();
        }
        return entries(parent).stream()
                .filter(name -> name.startsWith(".") && name.contains(GROWING))
                .filter(name -> !alive(name.substring(name.lastIndexOf(GROWING) + GROWING.length())))
                .map(parent::resolve)
                .filter(SessionDirectory::holdsRows)
                .map(staging -> new SessionDirectory(free(staging), staging, List.of()))
                .toList();
    }

    private static boolean holdsRows(Path staging) {
        SessionLayout layout = new SessionLayout(staging);
        return Stream.of(layout.stepRows(), layout.machineRows())
                .map(Path::toFile)
                .anyMatch(file -> file.length() > 0);
    }

    private static Path free(Path staging) {
        String name = String.valueOf(staging.getFileName());
        String wanted = name.substring(1, name.lastIndexOf(GROWING)) + "-unfinished";
        return Stream.concat(Stream.of(""), IntStream.iterate(2, n -> n + 1).mapToObj(n -> "-" + n))
                .map(suffix -> staging.resolveSibling(wanted + suffix))
                .filter(place -> !Files.exists(place, LinkOption.NOFOLLOW_LINKS))
                .findFirst()
                .orElseThrow();
    }

    /// Where the session stands once it is published.
    public Path target() {
        return target;
    }

    /// Where the session grows.
    public SessionLayout growing() {
        return new SessionLayout(staging);
    }

    /// Puts the whole session into its place.
    public void publish() throws IOException {
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            deleteTree(target);
        }
        Files.move(staging, target, StandardCopyOption.ATOMIC_MOVE);
    }

    /// Removes what was not published, with the directories that were made for it.
    @Override
    public void close() {
        try {
            deleteTree(staging);
            for (Path directory : madeForIt) {
                if (entries(directory).isEmpty()) {
                    Files.delete(directory);
                }
            }
        } catch (IOException e) {
            // What is left has a hidden name and is swept by the next run.
        }
    }

    private static void checkPlace(Path target, boolean force) {
        if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.isDirectory(target)) {
            throw new RefusedException(target + " is a file, not a directory; choose another place with -o");
        }
        List<String> entries = entries(target);
        if (entries.isEmpty()) {
            return;
        }
        SessionLayout layout = new SessionLayout(target);
        if (!layout.isSession()) {
            throw new RefusedException(target + " is not empty and holds no session"
                    + (force
                            ? "; --force replaces a session, never another directory"
                            : "; choose another place with -o"));
        }
        Optional<String> foreign =
                entries.stream().filter(name -> !layout.names(name)).findFirst();
        if (force && foreign.isPresent()) {
            throw new RefusedException(target + " holds " + foreign.get()
                    + ", which is not part of a session, and would be lost; move it or choose another place with -o");
        }
        if (!force) {
            throw new RefusedException(target + " holds a session already; --force replaces it");
        }
    }

    /// Removes what earlier runs for the same place left when they were killed before they measured anything.
    private static void sweep(Path target) throws IOException {
        String prefix = "." + target.getFileName() + GROWING;
        Path parent = target.resolveSibling("");
        for (String name : entries(parent)) {
            if (name.startsWith(prefix)
                    && !alive(name.substring(prefix.length()))
                    && !holdsRows(parent.resolve(name))) {
                deleteTree(parent.resolve(name));
            }
        }
    }

    private static boolean alive(String pid) {
        return pid.matches("\\d{1,18}")
                && ProcessHandle.of(Long.parseLong(pid))
                        .map(ProcessHandle::isAlive)
                        .orElse(false);
    }

    private static List<String> entries(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new RefusedException("cannot read " + directory + " (" + reason(e) + ")");
        }
    }

    static void deleteTree(Path root) throws IOException {
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

    private static String reason(IOException e) {
        return e instanceof AccessDeniedException
                ? "permission denied"
                : e instanceof FileSystemException f && f.getReason() != null
                        ? f.getReason()
                        : String.valueOf(e.getMessage());
    }
}
