package dev.hourglass.app.record;

import dev.hourglass.core.TraceImport;
import dev.hourglass.core.analysis.Explainer;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.report.ExplanationJson;
import dev.hourglass.core.report.HtmlReport;
import dev.hourglass.core.report.MarkdownReport;
import dev.hourglass.core.report.Report;
import dev.hourglass.core.report.TraceReport;
import dev.hourglass.core.store.SessionLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A session, or a temporary one made of raw files, explained.
///
/// @param explanation what was found
/// @param report the same as a document
public record Explained(Explanation explanation, Report report) {

    /// Explains a session directory.
    public static Explained of(Path directory) {
        try (Session session = Session.open(directory)) {
            return of(
                    session,
                    String.valueOf(directory.toAbsolutePath().normalize().getFileName()));
        }
    }

    private static Explained of(Session session, String name) {
        Explanation explanation = Explainer.explain(session);
        return new Explained(explanation, TraceReport.of(explanation, name));
    }

    /// Imports raw files into a session that is gone afterwards, and explains it.
    ///
    /// @param stages names of annotations that are stages; empty for the known forms
    public static Explained ofFiles(List<Path> files, Optional<Pattern> stages) throws IOException {
        String name = String.valueOf(files.getFirst().getFileName());
        return inTemporary(files, stages, session -> of(session, name));
    }

    /// Imports raw files into a session that is gone afterwards.
    public static <T> T inTemporary(List<Path> files, Optional<Pattern> stages, Function<Session, T> use)
            throws IOException {
        Path directory = Files.createTempDirectory("hourglass-");
        try {
            new TraceImport(new TraceImport.Options(stages, Map.of(), false), bytes -> {})
                    .into(files, new SessionLayout(directory).database());
            try (Session session = Session.open(directory)) {
                return use.apply(session);
            }
        } finally {
            delete(directory);
        }
    }

    /// Writes report.html, report.md and report.json into the session's directory.
    public void write(SessionLayout layout) throws IOException {
        HtmlReport.write(report, layout.reportHtml());
        MarkdownReport.write(report, layout.reportMarkdown());
        ExplanationJson.write(explanation, layout.reportJson());
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
