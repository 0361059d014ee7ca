package dev.hourglass.device.host;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Files that a process has mapped, from `/proc/PID/maps`.
public final class MappedLibraries {
    private static final int PATH_FIELD = 6;

    private MappedLibraries() {}

    /// The first mapped file whose name begins so; empty where none is, or where the process is gone.
    public static Optional<Path> find(KernelFiles files, long pid, String prefix) {
        List<String> lines = files.lines(files.process(pid).resolve("maps"));
        return lines.stream()
                .map(line -> line.split("\\s+", PATH_FIELD))
                .filter(fields -> fields.length == PATH_FIELD && fields[PATH_FIELD - 1].startsWith("/"))
                .map(fields -> Path.of(fields[PATH_FIELD - 1]))
                .filter(path -> path.getFileName() != null
                        && path.getFileName().toString().startsWith(prefix))
                .findFirst();
    }
}
