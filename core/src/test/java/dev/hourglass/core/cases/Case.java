package dev.hourglass.core.cases;

import dev.hourglass.core.analysis.AnalysisLibrary;
import dev.hourglass.core.analysis.AnalysisRunner;
import dev.hourglass.core.analysis.Outcome;
import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.trace.ImportStats;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.Assertions;

/// Files that were imported, and what became of them.
final class Case implements AutoCloseable {
    private final Session session;
    private final TraceImport.Summary summary;

    private Case(Session session, TraceImport.Summary summary) {
        this.session = session;
        this.summary = summary;
    }

    /// A file of the cases.
    static Case of(Path folder, String name) throws IOException {
        return of(folder, name, resource("/cases/readers/" + name));
    }

    static byte[] resource(String path) throws IOException {
        try (InputStream in = Objects.requireNonNull(Case.class.getResourceAsStream(path), path)) {
            return in.readAllBytes();
        }
    }

    static Case of(Path folder, String name, String text) throws IOException {
        return of(folder, name, text.getBytes(StandardCharsets.UTF_8));
    }

    static Case of(Path folder, String name, byte[] content) throws IOException {
        Path own = Files.createTempDirectory(folder, "case");
        return of(List.of(Files.write(own.resolve(name), content)));
    }

    static Case of(List<Path> files) throws IOException {
        return of(files, TraceImport.Options.DEFAULT);
    }

    static Case of(List<Path> files, TraceImport.Options options) throws IOException {
        Path session =
                Files.createTempDirectory(files.getFirst().toAbsolutePath().getParent(), "session");
        TraceImport.Summary summary =
                new TraceImport(options, bytes -> {}).into(files, session.resolve("session.duckdb"));
        return new Case(Session.open(session), summary);
    }

    /// Events of a Chrome trace.
    static String chrome(String... events) {
        return "{\"traceEvents\":[" + String.join(",", events).replace('\'', '"') + "]}";
    }

    /// Each row's values joined by ` | `; `-` for NULL.
    List<String> rows(String sql) {
        return texts(session.query(sql));
    }

    /// The only row of an answer.
    String row(String sql) {
        List<String> rows = rows(sql);
        Assertions.assertThat(rows).hasSize(1);
        return rows.getFirst();
    }

    /// The columns of an analysis' answer.
    List<String> answer(String analysis, String... columns) {
        return outcome(analysis).answered().stream()
                .flatMap(rows -> IntStream.range(0, rows.size())
                        .mapToObj(row -> Arrays.stream(columns)
                                .map(column -> rows.text(row, column, "-"))
                                .collect(Collectors.joining(" | "))))
                .toList();
    }

    Outcome outcome(String analysis) {
        return new AnalysisRunner(session).run(AnalysisLibrary.find(analysis));
    }

    private static List<String> texts(Rows rows) {
        return rows.rows().stream()
                .map(row -> row.stream()
                        .map(value -> value == null ? "-" : value.toString())
                        .collect(Collectors.joining(" | ")))
                .toList();
    }

    /// What was lost or repaired as `severity kind count`, what is only said for completeness left out.
    List<String> losses() {
        return summary.losses().stream()
                .map(TraceImport.Loss::what)
                .filter(loss -> !loss.severity().word().equals("info"))
                .map(loss -> loss.severity().word() + " " + loss.kind() + " " + loss.count())
                .toList();
    }

    /// Where a kind of loss happened first.
    String place(String kind) {
        return summary.losses().stream()
                .map(TraceImport.Loss::what)
                .filter(loss -> loss.kind().equals(kind))
                .map(ImportStats.Loss::place)
                .findFirst()
                .orElse("");
    }

    Session session() {
        return session;
    }

    @Override
    public void close() {
        session.close();
    }
}
