package dev.hourglass.app.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Runs of `profile` that a test can afford.
///
/// @param here working directory
/// @param model what is profiled where nothing else is said
record ShortRuns(Path here, Path model) {
    private static final String[] SHORT = {"--tokens", "6", "--warmup", "2", "--context", "16", "--threads", "1"};

    Run profile(String... more) {
        return profile(model, more);
    }

    Run profile(Path file, String... more) {
        String[] with = Stream.concat(Stream.of("--model", file.toString()), Stream.of(more))
                .toArray(String[]::new);
        return Run.hourglass(here, arguments(with));
    }

    static String[] arguments(String... more) {
        return Stream.of(Stream.of("profile"), Stream.of(SHORT), Stream.of(more))
                .flatMap(part -> part)
                .toArray(String[]::new);
    }

    /// That a run was refused, with one line that holds the hint.
    static void assertOneLine(Run run, String hint) {
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        List<String> complaints = run.errLines().stream()
                .filter(line -> !line.startsWith("hourglass: warning: "))
                .filter(line -> !line.matches("hourglass: (Preparing|Measuring|Loading) .*"))
                .toList();
        assertThat(complaints).hasSize(1);
        assertThat(complaints.getFirst()).startsWith("hourglass: ").contains(hint);
    }
}
