package dev.hourglass.core.analysis;

import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// What a golden case expects of one analysis (`bound/launch`), or of one view or derived table
/// (`tables/step_time`).
record GoldenAnswer(GoldenCase of, String id) {
    private static final String TABLES = "tables/";
    private static final String NOT_APPLICABLE = "# not applicable: ";

    @Override
    public String toString() {
        return of.name() + ": " + id;
    }

    boolean isAnalysis() {
        return !id.startsWith(TABLES);
    }

    /// The table, or the id of the analysis.
    String subject() {
        return isAnalysis() ? id : id.substring(TABLES.length());
    }

    /// What differs from the expectation; empty where nothing does.
    ///
    /// @param sql the text of an analysis by its id: the library's, or another to try
    /// @throws dev.hourglass.core.query.QueryException if the database refuses it
    Optional<String> difference(Session session, UnaryOperator<String> sql) throws IOException {
        return isAnalysis() ? ofAnalysis(session, sql) : ofTable(session);
    }

    private Optional<String> ofTable(Session session) throws IOException {
        GoldenTable expected = GoldenTable.read(file(".csv"));
        Path own = file(".sql");
        String query = Files.exists(own)
                ? Files.readString(own)
                : "SELECT \"" + String.join("\", \"", expected.columns()) + "\" FROM " + subject();
        return expected.difference(session.query(query), false);
    }

    private Optional<String> ofAnalysis(Session session, UnaryOperator<String> sql) throws IOException {
        Analysis analysis = AnalysisParser.parse(id, sql.apply(id));
        String text = Files.readString(file(".csv"));
        return switch (new AnalysisRunner(session).run(analysis)) {
            case Outcome.NotApplicable n ->
                text.strip().equals(NOT_APPLICABLE + String.join(", ", n.missing()))
                        ? Optional.empty()
                        : Optional.of("not applicable: " + n.missing());
            case Outcome.Clean c -> rows(analysis, c.rows()).or(this::withoutFindings);
            case Outcome.Findings f -> rows(analysis, f.rows()).or(() -> findings(f.findings()));
        };
    }

    private Optional<String> rows(Analysis analysis, Rows rows) {
        GoldenTable expected = table(".csv");
        List<String> documented =
                analysis.columns().stream().map(Analysis.ColumnDoc::name).toList();
        if (!expected.columns().stream()
                .filter(c -> !c.equals("source_id"))
                .toList()
                .equals(documented)) {
            return Optional.of("the golden's columns are " + expected.columns() + ", documented are " + documented);
        }
        Rows shown = expected.columns().contains("source_id") ? rows : without(rows, "source_id");
        return expected.difference(shown, true);
    }

    private static Rows without(Rows rows, String column) {
        int at = rows.columns().indexOf(column);
        return at < 0
                ? rows
                : new Rows(
                        dropped(rows.columns(), at),
                        dropped(rows.types(), at),
                        rows.rows().stream().map(row -> dropped(row, at)).toList());
    }

    private static <T extends @Nullable Object> List<T> dropped(List<T> values, int at) {
        List<T> kept = new ArrayList<>(values);
        kept.remove(at);
        return kept;
    }

    private Optional<String> withoutFindings() {
        return Files.exists(file(".findings.csv")) ? findings(List.of()) : Optional.empty();
    }

    private Optional<String> findings(List<Finding> findings) {
        if (!Files.exists(file(".findings.csv"))) {
            return Optional.of("findings, expected none: "
                    + findings.stream().map(Finding::title).toList());
        }
        GoldenTable expected = table(".findings.csv");
        List<List<@Nullable Object>> found = new ArrayList<>();
        for (Finding finding : findings) {
            List<@Nullable Object> row = new ArrayList<>();
            expected.columns().forEach(column -> row.add(part(finding, column)));
            found.add(row);
        }
        return expected.difference(new Rows(expected.columns(), List.of(), found), true)
                .map(difference -> "findings: " + difference);
    }

    private static @Nullable Object part(Finding finding, String column) {
        return switch (column) {
            case "severity" -> finding.severity().key();
            case "sentence" -> finding.title();
            case "remedy" -> finding.remedy();
            case "gain" -> finding.gain().isPresent() ? (Object) finding.gain().getAsDouble() : null;
            case "method" -> finding.gainMethod();
            case "bound" -> finding.bound().key();
            case "stage" -> finding.stage();
            case "device" -> finding.device();
            case "share" -> finding.share();
            case "time" -> finding.timeNs();
            case "stake" -> finding.stakeNs();
            default -> throw new IllegalArgumentException("a finding has no " + column);
        };
    }

    private GoldenTable table(String ending) {
        try {
            return GoldenTable.read(file(ending));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Path file(String ending) {
        return of.directory().resolve("expected").resolve(id + ending);
    }
}
