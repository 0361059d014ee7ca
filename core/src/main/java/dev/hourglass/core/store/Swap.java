package dev.hourglass.core.store;

import dev.hourglass.core.file.FileTree;
import dev.hourglass.core.file.Owner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/// Replaces a session by another one. The old one is moved aside under a hidden name, the new one is moved into
/// its place, then the old one is removed; a process may be killed between any two of these, and the next one
/// that looks for the session goes on from there. At every moment the old or the new one is whole and reachable
/// in this way.
final class Swap {
    static final String REPLACED = ".replaced-";
    static final String GROWING = ".growing-";
    private static final int LOOKS = 100;
    private static final long LOOK_MS = 20;

    private Swap() {}

    /// @param fresh the new session, as `.NAME.growing-WHOSE`
    /// @param aside where the old one goes meanwhile: `.NAME.replaced-WHOSE`
    static void replace(Path place, Path fresh, Path aside) throws IOException {
        Files.move(place, aside, StandardCopyOption.ATOMIC_MOVE);
        Files.move(fresh, place, StandardCopyOption.ATOMIC_MOVE);
        FileTree.delete(aside);
    }

    /// Goes on where a process was killed that replaced a session; waits for one that is just about it. Does
    /// nothing where nothing was being replaced.
    static void finish(Path place) throws IOException {
        if (place.getFileName() == null
                || !Files.isDirectory(place.toAbsolutePath().resolveSibling(""))) {
            return;
        }
        for (int look = 0; look < LOOKS && !FileTree.isThere(place) && underWay(place); look++) {
            sleep();
        }
        for (Path aside : replaced(place)) {
            String name = String.valueOf(aside.getFileName());
            if (isDead(name)) {
                restore(place, aside, aside.resolveSibling(name.replace(REPLACED, GROWING)));
            }
        }
    }

    private static boolean underWay(Path place) throws IOException {
        return replaced(place).stream().anyMatch(aside -> !isDead(String.valueOf(aside.getFileName())));
    }

    private static List<Path> replaced(Path place) throws IOException {
        String begin = "." + place.getFileName() + REPLACED;
        return FileTree.entries(place.toAbsolutePath().resolveSibling(""), name -> name.startsWith(begin));
    }

    private static void restore(Path place, Path aside, Path fresh) throws IOException {
        try {
            if (!FileTree.isThere(place)) {
                boolean whole = Files.isDirectory(fresh, LinkOption.NOFOLLOW_LINKS);
                Files.move(whole ? fresh : aside, place, StandardCopyOption.ATOMIC_MOVE);
            }
            FileTree.delete(aside);
        } catch (NoSuchFileException e) {
            return; // somebody else did the same at the same time
        }
    }

    private static boolean isDead(String name) {
        return Owner.isDead(name.substring(name.lastIndexOf(REPLACED) + REPLACED.length()));
    }

    private static void sleep() throws IOException {
        try {
            Thread.sleep(LOOK_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
