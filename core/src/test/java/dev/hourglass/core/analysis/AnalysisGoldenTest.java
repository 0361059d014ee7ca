package dev.hourglass.core.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.query.Derived;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.Views;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every figure of an analysis, worked out without it: see `src/test/resources/golden-analysis/README.md`.
final class AnalysisGoldenTest {
    @TempDir
    private static Path folder;

    private static final Map<GoldenCase, Session> SESSIONS = new HashMap<>();

    static List<GoldenAnswer> answers() throws IOException {
        List<GoldenAnswer> answers = new ArrayList<>();
        for (GoldenCase golden : GoldenCase.all()) {
            answers.addAll(golden.answers());
        }
        return answers;
    }

    @AfterAll
    static void close() {
        SESSIONS.values().forEach(Session::close);
        SESSIONS.clear();
    }

    @ParameterizedTest
    @MethodSource("answers")
    void isWhatWasWorkedOut(GoldenAnswer answer) throws IOException {
        assertThat(answer.difference(
                        session(answer.of()), id -> AnalysisLibrary.find(id).sql()))
                .as("%s", answer)
                .isEmpty();
    }

    private static Session session(GoldenCase golden) throws IOException {
        Session made = SESSIONS.get(golden);
        if (made == null) {
            Path directory = Files.createDirectories(folder.resolve(golden.name()));
            golden.into(directory);
            made = Session.open(directory);
            SESSIONS.put(golden, made);
        }
        return made;
    }

    /// Those that have none stand in a list, which must not name one that has.
    @Test
    void everyAnalysisViewAndDerivedTableHasAGolden() throws IOException {
        Set<String> expected = new TreeSet<>(AnalysisLibrary.ids());
        Views.names().forEach(name -> expected.add("tables/" + name));
        Derived.names().forEach(name -> expected.add("tables/" + name));
        Set<String> golden = answers().stream().map(GoldenAnswer::id).collect(Collectors.toCollection(TreeSet::new));
        expected.removeAll(golden);

        assertThat(expected)
                .as("without a golden")
                .containsExactlyInAnyOrderElementsOf(
                        Files.readAllLines(GoldenCase.root().resolve("without.txt")).stream()
                                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                                .toList());
        assertThat(golden)
                .as("goldens of something that is there")
                .allSatisfy(id -> assertThat(AnalysisLibrary.ids().contains(id) || id.startsWith("tables/"))
                        .isTrue());
    }
}
