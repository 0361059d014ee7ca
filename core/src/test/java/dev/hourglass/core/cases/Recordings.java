package dev.hourglass.core.cases;

import dev.hourglass.core.Explained;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.analysis.Finding;
import dev.hourglass.core.analysis.StageTime;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/// Recordings below `cases`, imported and explained as a person would.
final class Recordings {
    private Recordings() {}

    /// Files of a directory of cases.
    static List<Path> files(String directory, String... names) {
        return Arrays.stream(names).map(name -> file(directory + "/" + name)).toList();
    }

    private static Path file(String name) {
        try {
            return Path.of(Objects.requireNonNull(Recordings.class.getResource("/cases/" + name), name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /// What a verdict's files say.
    static Explanation verdict(String... names) throws IOException {
        return explain(files("verdicts", names));
    }

    /// The ranks of one run, each in a file of its own.
    static Explanation ranks(String name, int ranks) throws IOException {
        return verdict(IntStream.range(0, ranks)
                .mapToObj(r -> name + "_rank" + r + ".json.gz")
                .toArray(String[]::new));
    }

    static Explanation explain(List<Path> files) throws IOException {
        return Explained.inTemporary(
                files, Optional.empty(), directory -> Explained.of(directory).explanation());
    }

    /// Rows of a query on a session of files.
    static List<List<Object>> rows(List<Path> files, String sql) throws IOException {
        return Explained.inTemporary(files, Optional.empty(), directory -> {
            try (Session session = Session.open(directory)) {
                Rows rows = session.query(sql);
                return List.<List<Object>>copyOf(rows.rows());
            }
        });
    }

    static StageTime stage(Explanation explained, String name) {
        return explained.stages().stream()
                .filter(s -> s.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /// The finding of an analysis.
    static Optional<Finding> finding(Explanation explained, String id) {
        return explained.findings().stream().filter(f -> f.id().equals(id)).findFirst();
    }

    /// Gains of a stage's findings together.
    static double gains(Explanation explained, String stage) {
        return explained.findings().stream()
                .filter(f -> f.stage().equals(stage))
                .mapToDouble(f -> f.gain().orElse(0))
                .sum();
    }

    static String answer(Explanation explained, int question) {
        return explained.questions().get(question - 1).answer();
    }
}
