package dev.hourglass.app.cli;

import dev.hourglass.core.Explained;
import dev.hourglass.core.analysis.RunSamples;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.report.SamplesJson;
import dev.hourglass.core.store.SessionLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Runs that can be compared: sessions, raw traces, and baselines under their names.
final class Runs {
    private Runs() {}

    /// Where baselines are kept: `$XDG_DATA_HOME/hourglass/baselines`.
    static Path baselines() {
        String data = System.getenv("XDG_DATA_HOME");
        Path root = data == null || data.isBlank()
                ? Path.of(System.getProperty("user.home", "."), ".local", "share")
                : Path.of(data);
        return root.resolve("hourglass").resolve("baselines");
    }

    static Path baseline(String name) {
        if (!name.matches("[\\w.-]+")) {
            throw new UserException(
                    "a baseline's name is letters, digits, points, hyphens, underscores, not " + Terminal.plain(name));
        }
        return baselines().resolve(name + ".json");
    }

    /// Names of stored baselines, in alphabetical order.
    static List<String> baselineNames() throws IOException {
        if (!Files.isDirectory(baselines())) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(baselines())) {
            return files.map(f -> String.valueOf(f.getFileName()))
                    .filter(f -> f.endsWith(".json"))
                    .map(f -> f.substring(0, f.length() - ".json".length()))
                    .sorted()
                    .toList();
        }
    }

    /// Of one side: a run, a baseline of one or several, or several of either joined by commas.
    ///
    /// @param stage whose steps are wanted; empty for none in particular
    static List<RunSamples> readAll(String given, String stage) throws IOException {
        if (!given.contains(",") || Files.exists(Path.of(given))) {
            return read(given, stage);
        }
        List<RunSamples> all = new ArrayList<>();
        for (String one : given.split(",", -1)) {
            if (one.isBlank()) {
                throw new UserException("between two commas stands a run, not nothing: " + Terminal.plain(given));
            }
            all.addAll(read(one.strip(), all.isEmpty() ? stage : all.getFirst().stage()));
        }
        return all;
    }

    /// @param stage whose steps are wanted; empty for none in particular
    static List<RunSamples> read(String given, String stage) throws IOException {
        Path path = Path.of(given);
        if (new SessionLayout(path).isSession()) {
            try (Session session = Session.open(path)) {
                return List.of(samples(session, name(path), stage));
            }
        }
        if (Files.isRegularFile(path)) {
            return Explained.inTemporary(List.of(path), Optional.empty(), directory -> {
                try (Session session = Session.open(directory)) {
                    return List.of(samples(session, name(path), stage));
                }
            });
        }
        if (Files.exists(path)) {
            throw new UserException(given + " is no session: it has no session.duckdb");
        }
        if (given.matches("[\\w.-]+") && Files.isRegularFile(baseline(given))) {
            return stored(given);
        }
        List<String> names = baselineNames();
        throw new UserException("no session, trace or baseline " + Terminal.plain(given)
                + (names.isEmpty() ? "" : "; stored baselines: " + String.join(", ", names)));
    }

    private static String name(Path path) {
        return String.valueOf(path.toAbsolutePath().normalize().getFileName())
                .replaceFirst("(?<=.)(\\.(json|sqlite))?(\\.(gz|zst))?$", "");
    }

    /// The runs of a stored baseline, at least one.
    static List<RunSamples> stored(String name) {
        try {
            return SamplesJson.read(baseline(name));
        } catch (IOException e) {
            throw new UserException(Terminal.plain(String.valueOf(e.getMessage()))
                    + "; keep it again: hourglass baseline save SESSION " + name);
        }
    }

    private static RunSamples samples(Session session, String name, String stage) {
        try {
            return RunSamples.of(session, name, stage);
        } catch (IllegalArgumentException e) {
            throw new UserException(String.valueOf(e.getMessage()));
        }
    }
}
