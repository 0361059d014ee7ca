package dev.hourglass.core.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.Explained;
import dev.hourglass.core.analysis.AnalysisLibrary;
import dev.hourglass.core.analysis.AnalysisRunner;
import dev.hourglass.core.document.HtmlReport;
import dev.hourglass.core.export.ExportFormat;
import dev.hourglass.core.export.Exporter;
import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.Views;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.trace.TraceFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Numbers that no recording holds, in the inputs of every format: the input is read, and every view, analysis, report
/// and export of it stands.
final class ImpossibleNumbersTest {
    /// One of each reader, in the default run.
    private static final List<String> FEW = List.of(
            "chrome-begin-end",
            "cublas",
            "hourglass",
            "kineto",
            "nsys-sqlite",
            "nvidia-smi-query",
            "perf-script",
            "perf-stat-interval",
            "profilemate",
            "prometheus-vllm");

    /// Recordings of every format, for each thousand inputs that a run of hours gives each reader.
    private static final int TIMES = Integer.getInteger("fuzz", 0) / 1000;

    /// Such as every format writes.
    private static final List<String> NUMBERS = Nasty.NUMBERS.stream()
            .filter(number -> number.matches("-?\\d+(\\.\\d+)?(e\\d{1,3})?"))
            .toList();

    /// A number that is a value, not a part of a name.
    private static final Pattern NUMBER = Pattern.compile("(?<![\\w.\"'-])-?\\d+(\\.\\d+)?(?![\\w.\"'])");

    @TempDir
    private Path folder;

    static Stream<Arguments> recordings() {
        return Recordings.names().stream()
                .flatMap(name -> IntStream.range(0, FEW.contains(name) ? Math.max(1, TIMES) : TIMES)
                        .mapToObj(seed -> Arguments.of(name, seed)));
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void areReadAndExplained(String name, int seed) throws IOException {
        Random random = new Random(name.hashCode() * 31L + seed);
        int every = 1 + random.nextInt(1, 40);
        List<Path> inputs = Recordings.write(name, folder.resolve("in"), text -> changed(text, random, every));
        SessionLayout session = new SessionLayout(Files.createDirectory(folder.resolve("session")));

        try {
            new TraceImport(TraceImport.Options.DEFAULT, bytes -> {}).into(inputs, session.database());
        } catch (TraceFormatException e) {
            return; // a number by which the format is told
        }
        Explained explained = Explained.of(session.directory());
        assertThat(HtmlReport.render(explained.report())).contains("</html>");
        try (Session opened = Session.open(session.directory())) {
            for (String view : Views.names()) {
                opened.query("SELECT * FROM " + view);
            }
            AnalysisRunner runner = new AnalysisRunner(opened);
            for (String id : AnalysisLibrary.ids()) {
                runner.run(AnalysisLibrary.find(id));
            }
        }
        for (ExportFormat format : ExportFormat.values()) {
            try {
                Exporter.export(session.directory(), format, folder.resolve("as-" + format.word()));
            } catch (Exporter.NothingToExport none) {
                assertThat(none).hasMessageContaining(format.word());
            }
        }
    }

    private static String changed(String text, Random random, int every) {
        Matcher number = NUMBER.matcher(text);
        StringBuilder changed = new StringBuilder();
        while (number.find()) {
            String value = random.nextInt(every) == 0 ? NUMBERS.get(random.nextInt(NUMBERS.size())) : number.group();
            number.appendReplacement(changed, Matcher.quoteReplacement(value));
        }
        return number.appendTail(changed).toString();
    }
}
