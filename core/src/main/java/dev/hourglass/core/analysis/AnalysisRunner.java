package dev.hourglass.core.analysis;

import dev.hourglass.core.analysis.Analysis.ColumnDoc;
import dev.hourglass.core.cost.Peaks;
import dev.hourglass.core.hardware.DeviceSpec;
import dev.hourglass.core.query.QueryException;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Runs analyses on one session and turns rows with a severity into findings.
///
/// What the columns of a row mean for a finding: `severity` (info, warning, critical; NULL for none),
/// `stage`, `part` (of the stage: each has a finding of its own), `device`, `share`, `bound` (where the analysis
/// speaks
/// of several), `stake` (share by which
/// it is ranked, where that is not `share`), `gain`, `advice` (which of several remedies fits).
public final class AnalysisRunner {
    private static final String ADVICE = "advice";
    private static final String COMPILATION = "latency/compilation";
    private static final Pattern PLACE = Pattern.compile("\\{(\\w+)\\}");

    /// Parameters that the device that ran decides, where its peaks are known: from which FLOP per byte arithmetic
    /// in a
    /// number format limits it.
    private static final Map<String, String> RIDGES = Map.of(
            "ridge",
            "bf16",
            "ridge_fp8",
            "fp8",
            "ridge_int8",
            "int8",
            "ridge_fp4",
            "fp4",
            "ridge_tf32",
            "tf32",
            "ridge_fp32",
            "fp32");

    private final Session session;
    private final Optional<DeviceSpec> device;
    private @Nullable Peaks peaks;
    private final Map<String, Boolean> filled = new HashMap<>();
    private final Map<String, Double> stageNs = new HashMap<>();
    /// Asked for once.
    private Optional<Set<String>> firstOnly = Optional.empty();
    /// Read at the first finding.
    private @Nullable Remedies remedies;

    public AnalysisRunner(Session session) {
        this(session, Optional.empty());
    }

    /// @param device that ran, where the user names it
    AnalysisRunner(Session session, Optional<DeviceSpec> device) {
        this.session = session;
        this.device = device;
    }

    /// Runs one analysis, with the parameters that the device that ran decides.
    public Outcome run(Analysis asked) {
        Analysis analysis = asked.params().stream().anyMatch(p -> RIDGES.containsKey(p.name()))
                ? asked.with(asked.params().stream().map(this::ofDevice).toList())
                : asked;
        List<String> missing =
                analysis.needs().stream().filter(table -> !hasRows(table)).toList();
        if (!missing.isEmpty()) {
            return new Outcome.NotApplicable(analysis, missing);
        }
        String sql = AnalysisLibrary.bound(analysis);
        Rows rows = rows(analysis, sql);
        Optional<Outcome> unmeasured = rows.size() == 0 ? Unmeasured.of(analysis, session) : Optional.empty();
        if (unmeasured.isPresent()) {
            return unmeasured.get();
        }
        List<Finding> findings = new ArrayList<>();
        if (analysis.finding().isPresent() && rows.columns().contains("severity")) {
            for (int row = 0; row < rows.size(); row++) {
                if (rows.value(row, "severity") != null) {
                    findings.add(told(analysis, rows, row, AnalysisLibrary.query(analysis)));
                }
            }
        }
        return findings.isEmpty() ? new Outcome.Clean(analysis, rows) : new Outcome.Findings(analysis, rows, findings);
    }

    private Analysis.Param ofDevice(Analysis.Param param) {
        String format = RIDGES.get(param.name());
        if (format == null) {
            return param;
        }
        if (peaks == null) {
            peaks = Peaks.of(session, device);
        }
        return new Analysis.Param(param.name(), peaks.ridge(format).orElse(param.value()), param.doc());
    }

    private Rows rows(Analysis analysis, String sql) {
        try {
            return session.query(sql);
        } catch (QueryException e) {
            throw new QueryException("analysis " + analysis.id() + ": " + e.getMessage(), e);
        }
    }

    private boolean hasRows(String table) {
        return filled.computeIfAbsent(
                table,
                name -> session.query(ExplanationQueries.text("any_row", Map.of("table", name)))
                                .size()
                        > 0);
    }

    /// A stage whose only step is the first of the recording is judged mildly wherever it is shown: the recorder
    /// itself
    /// starts in it. Compilation in it is what it is.
    private Finding told(Analysis analysis, Rows rows, int row, String sql) {
        Finding finding = finding(analysis, rows, row, sql);
        return !analysis.id().equals(COMPILATION) && firstOnly().contains(finding.stage())
                ? finding.softened()
                : finding;
    }

    private Set<String> firstOnly() {
        if (firstOnly.isEmpty()) {
            Rows rows = session.query(ExplanationQueries.text("first_only"));
            firstOnly = Optional.of(IntStream.range(0, rows.size())
                    .mapToObj(r -> rows.text(r, "stage", ""))
                    .collect(Collectors.toSet()));
        }
        return firstOnly.get();
    }

    private Finding finding(Analysis analysis, Rows rows, int row, String sql) {
        String stage = text(rows, row, "stage");
        Remedy remedy = remedy(analysis, rows, row);
        double share = real(rows, row, "share").orElse(0);
        double total = stage.isEmpty() ? 0 : stageNs.computeIfAbsent(stage, this::stageNs);
        return new Finding(
                analysis.id(),
                Finding.Severity.of(text(rows, row, "severity")),
                sentence(analysis, analysis.finding().orElseThrow(), rows, row),
                bound(analysis, rows, row),
                stage,
                text(rows, row, "part"),
                rows.columns().contains("device") ? rows.integer(row, "device").orElse(-1) : -1,
                share,
                share * total,
                real(rows, row, "stake").orElse(share) * total,
                sql,
                remedy.text(),
                remedy.spellings(),
                real(rows, row, "gain"),
                analysis.gain()
                        .map(method -> sentence(analysis, method, rows, row))
                        .orElse(""));
    }

    /// That of the row's advice, or of its bound.
    private Remedy remedy(Analysis analysis, Rows rows, int row) {
        String which = rows.columns().contains(ADVICE) ? ADVICE : "bound";
        Remedy fit = fit(analysis.remedy(text(rows, row, which)));
        return new Remedy(sentence(analysis, fit.text(), rows, row), fit.spellings());
    }

    /// A remedy of the library as it fits this recording.
    Remedy fit(String written) {
        if (remedies == null) {
            remedies = Remedies.of(session);
        }
        return remedies.fit(written);
    }

    private double stageNs(String stage) {
        Rows rows = session.query(ExplanationQueries.ofStage("stage_total", stage));
        return real(rows, 0, "total").orElse(0);
    }

    private static Bound bound(Analysis analysis, Rows rows, int row) {
        String key = rows.columns().contains("bound")
                ? rows.text(row, "bound", "none")
                : analysis.bound().orElse("none");
        return Bound.find(key).orElse(Bound.NONE);
    }

    private static String text(Rows rows, int row, String column) {
        return rows.columns().contains(column) ? rows.text(row, column, "") : "";
    }

    private static OptionalDouble real(Rows rows, int row, String column) {
        return rows.columns().contains(column) ? rows.real(row, column) : OptionalDouble.empty();
    }

    /// The sentence with each `{column}` replaced by its value in the row, each `{param}` by its number.
    private static String sentence(Analysis analysis, String sentence, Rows rows, int row) {
        Map<String, String> params = new HashMap<>();
        analysis.params().forEach(p -> params.put(p.name(), Format.significant(p.value())));
        return PLACE.matcher(sentence)
                .replaceAll(match -> Matcher.quoteReplacement(value(analysis, rows, row, match, params)));
    }

    private static String value(Analysis analysis, Rows rows, int row, MatchResult match, Map<String, String> params) {
        String name = match.group(1);
        if (!rows.columns().contains(name)) {
            return params.getOrDefault(name, match.group());
        }
        Unit unit = analysis.columns().stream()
                .filter(c -> c.name().equals(name))
                .findFirst()
                .map(ColumnDoc::unit)
                .orElse(Unit.NONE);
        Object value = rows.value(row, name);
        return switch (value) {
            case null -> "an unknown " + name.replace('_', ' ');
            case Number n when name.equals("device") && n.longValue() < 0 -> "(not told which)";
            case Number n -> Format.value(n.doubleValue(), unit);
            default -> value.toString();
        };
    }
}
