package dev.hourglass.core.file;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/// Which process a file belongs to, as a part of the file's name: the process's number, when it began, and in
/// which space of numbers. Numbers are given anew, and two containers that share a directory give the same
/// ones.
public final class Owner {
    private static final String FORM = "\\d{1,18}-\\d{1,18}-\\d{1,18}(?:-\\d+)?";
    private static final Path PROCESSES = Path.of("/proc");
    /// Field of `/proc/PID/stat` behind the process's name, counted from 0.
    private static final int BEGAN = 19;

    private Owner() {}

    /// This process, as a part of a name.
    public static String present() {
        return Present.TOKEN;
    }

    /// Whether a part of a name tells of a process that is no more; a number behind it tells its files apart. Of one
    /// that cannot be seen from here nothing is
    /// known: false.
    public static boolean isDead(String token) {
        if (!token.matches(FORM)) {
            return false;
        }
        String[] parts = token.split("-", -1);
        return Long.parseLong(parts[2]) == space() && Long.parseLong(parts[1]) != began(Long.parseLong(parts[0]));
    }

    private static final class Present {
        private static final String TOKEN = token(ProcessHandle.current().pid());

        private static String token(long pid) {
            return pid + "-" + began(pid) + "-" + space();
        }
    }

    /// When a process began; below 0 where there is none.
    private static long began(long pid) {
        Path stat = PROCESSES.resolve(Long.toString(pid)).resolve("stat");
        try {
            String text = Files.readString(stat, StandardCharsets.ISO_8859_1);
            String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
            return Long.parseLong(fields[BEGAN]);
        } catch (IOException | RuntimeException e) {
            return ProcessHandle.of(pid)
                    .filter(ProcessHandle::isAlive)
                    .map(process -> process.info()
                            .startInstant()
                            .map(Instant::toEpochMilli)
                            .orElse(0L))
                    .orElse(-1L);
        }
    }

    private static long space() {
        return Optional.of(PROCESSES.resolve("self/ns/pid"))
                .map(Owner::target)
                .map(link -> link.replaceAll("\\D", ""))
                .filter(digits -> digits.matches("\\d{1,18}"))
                .map(Long::parseLong)
                .orElse(0L);
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }
}
