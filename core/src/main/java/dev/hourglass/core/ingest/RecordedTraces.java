package dev.hourglass.core.ingest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What lies beside a probe's segments and is on Unix time: the traces of PyTorch's profiler, whose names tell how
/// far the segments' clock is behind.
public final class RecordedTraces {
    private static final Pattern TRACE = Pattern.compile("torch-\\d{1,10}-\\d{1,10}-(\\d{1,19})\\.json(\\.gz)?");

    private RecordedTraces() {}

    /// How such a directory is imported: everything on the segments' clock.
    public static TraceImport.Options options(Path directory) throws IOException {
        Map<String, Long> offsets = new HashMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                String name = String.valueOf(file.getFileName());
                behind(name).ifPresent(behind -> offsets.put(name, -behind));
            }
        }
        return new TraceImport.Options(Optional.empty(), offsets, false);
    }

    /// Nanoseconds by which the monotonic clock is behind the trace's.
    private static OptionalLong behind(String name) {
        Matcher trace = TRACE.matcher(name);
        try {
            return trace.matches() ? OptionalLong.of(Long.parseLong(trace.group(1))) : OptionalLong.empty();
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
