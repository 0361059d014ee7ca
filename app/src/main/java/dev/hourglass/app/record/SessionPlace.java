package dev.hourglass.app.record;

import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Where sessions stand that nobody named.
public final class SessionPlace {
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyy-MM-dd_HH-mm-ss", Locale.ROOT);
    private static final int LONGEST = 60;

    private SessionPlace() {}

    /// A directory below `./hourglass-sessions` that tells when and what.
    ///
    /// @param subject what is recorded; characters that are none of a plain file name become `-`
    public static Path fresh(String subject) {
        String name = subject.replaceAll("[^\\p{L}\\p{N}._-]+", "-");
        return Path.of(
                "hourglass-sessions",
                LocalDateTime.now(ZoneId.systemDefault()).format(STAMP) + "_"
                        + name.substring(0, Math.min(LONGEST, name.length())));
    }

    /// Relative to where the person stands, if it is below.
    public static Path shown(Path path) {
        Path here = Path.of("").toAbsolutePath();
        return path.startsWith(here) ? here.relativize(path) : path;
    }
}
