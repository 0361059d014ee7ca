package dev.hourglass.core.store;

import dev.hourglass.core.file.FileTree;
import dev.hourglass.core.file.Leftovers;
import dev.hourglass.core.file.Owner;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Where a new session will stand. Its place is reserved from the start. It grows in a hidden directory beside
/// its place and is moved there when it is whole, so that nothing half-written is ever found under its name.
///
/// A session that it replaces is first moved aside. Whoever looks for the session after a process was killed
/// between these moves finishes them: see [SessionLayout#isSession()].
public final class SessionDirectory implements AutoCloseable {
    private static final String GROWING = Swap.GROWING;
    private static final AtomicLong NUMBER = new AtomicLong();

    private final Path target;
    private final Path staging;
    private final boolean force;
    private final List<Path> madeForIt;
    private final Optional<Reservation> reservation;
    private final Path found;

    private SessionDirectory(
            Path target,
            Path staging,
            boolean force,
            List<Path> madeForIt,
            Optional<Reservation> reservation,
            Path found) {
        this.target = target;
        this.staging = staging;
        this.force = force;
        this.madeForIt = madeForIt;
        this.reservation = reservation;
        this.found = found;
    }

    /// Claims a place for a session.
    ///
    /// @param wanted where it shall stand; a missing or empty directory, or with `force` a session
    /// @throws RefusedException if something else stands there, another process makes a session there, or nothing
    ///     can be written there
    public static SessionDirectory claim(Path wanted, boolean force) {
        Path given = wanted.toAbsolutePath().normalize();
        Path parent = Optional.ofNullable(given.getParent()).orElse(given);
        try {
            Path target = Files.isSymbolicLink(given) ? given.toRealPath() : given;
            Swap.finish(target);
            checkPlace(target, force);
            List<Path> missing = Stream.iterate(parent, path -> path != null && !Files.exists(path), Path::getParent)
                    .toList();
            Files.createDirectories(parent);
            Reservation reservation = Reservation.of(target);
            sweep(target);
            Path staging = Files.createDirectory(hidden(target, GROWING));
            Leftovers.add(staging);
            return new SessionDirectory(target, staging, force, missing, Optional.of(reservation), staging);
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
                .filter(SessionDirectory::isDead)
                .map(parent::resolve)
                .filter(SessionDirectory::holdsRows)
                .flatMap(staging -> adopted(staging).stream())
                .toList();
    }

    /// Makes a dead process's directory this one's own. Of two that try it, one succeeds.
    private static Optional<SessionDirectory> adopted(Path found) {
        String name = String.valueOf(found.getFileName());
        Path own = hidden(found.resolveSibling(name.substring(1, name.lastIndexOf(GROWING))), GROWING);
        try {
            Files.move(found, own, StandardCopyOption.ATOMIC_MOVE);
            return Optional.of(new SessionDirectory(free(found), own, false, List.of(), Optional.empty(), found));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /// Leaves what was found to the next one, as it was found.
    ///
    /// @return where it lies
    public Path leave() {
        try {
            return Files.move(staging, found, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            return FileTree.isThere(staging) ? staging : target; // found there when this process is no more, or whole
        }
    }

    private static Path hidden(Path target, String kind) {
        return target.resolveSibling(
                "." + target.getFileName() + kind + Owner.present() + "-" + NUMBER.incrementAndGet());
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
                .filter(place -> !FileTree.isThere(place))
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

    /// Lets it stay when the process is asked to end: its user finishes it then.
    public void finishedByUser() {
        Leftovers.done(staging);
    }

    /// Puts the whole session into its place. What stands there is replaced if it was to be, and is a session.
    ///
    /// @throws RefusedException if something else has come to stand there; it stays as it is
    public void publish() throws IOException {
        Leftovers.done(staging);
        try {
            Files.move(staging, target, StandardCopyOption.ATOMIC_MOVE); // replaces an empty directory, nothing else
        } catch (FileSystemException e) {
            if (!FileTree.isThere(staging) || !FileTree.isThere(target)) {
                throw e;
            }
            checkPlace(target, force);
            String own = String.valueOf(staging.getFileName());
            String aside = own.substring(0, own.lastIndexOf(GROWING))
                    + Swap.REPLACED
                    + own.substring(own.lastIndexOf(GROWING) + GROWING.length());
            Leftovers.whole(() -> Swap.replace(target, staging, target.resolveSibling(aside)));
        }
    }

    /// Removes what was not published, with the directories that were made for it.
    @Override
    public void close() {
        try {
            FileTree.delete(staging);
            Leftovers.done(staging);
            if (reservation.isPresent()) {
                reservation.get().close();
            }
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
        if (!FileTree.isThere(target)) {
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
        for (Path left : FileTree.entries(target.resolveSibling(""), name -> name.startsWith(prefix) && isDead(name))) {
            if (!holdsRows(left)) {
                FileTree.delete(left);
            }
        }
    }

    /// Whether the process that made a directory is no more. Earlier builds told its number alone.
    private static boolean isDead(String name) {
        String whose = name.substring(name.lastIndexOf(GROWING) + GROWING.length());
        if (whose.matches("\\d{1,18}")) {
            return ProcessHandle.of(Long.parseLong(whose))
                    .filter(ProcessHandle::isAlive)
                    .isEmpty();
        }
        return Owner.isDead(whose);
    }

    private static List<String> entries(Path directory) {
        try {
            return FileTree.entries(directory, name -> true).stream()
                    .map(file -> String.valueOf(file.getFileName()))
                    .toList();
        } catch (IOException e) {
            throw new RefusedException("cannot read " + directory + " (" + reason(e) + ")");
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
