package dev.hourglass.app.cli;

import dev.hourglass.core.analysis.Analysis;
import dev.hourglass.core.analysis.AnalysisLibrary;
import dev.hourglass.core.analysis.AnalysisRunner;
import dev.hourglass.core.analysis.Finding;
import dev.hourglass.core.analysis.Focus;
import dev.hourglass.core.analysis.Outcome;
import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.TextReport;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.report.AnalysisTable;
import dev.hourglass.core.text.Nearest;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `hourglass analyze SESSION [ANALYSIS…]`.
@Command(
        name = "analyze",
        mixinStandardHelpOptions = true,
        description = {
            "Ask a session questions from the library: one, several, a group (gpu, bound, …), or all.",
            "Each answer names the rows behind it; --show-sql prints the query that anyone can run again."
        },
        footer = {
            "",
            "Examples:",
            "  hourglass analyze SESSION --list",
            "  hourglass analyze SESSION gpu/kernels --stage decode",
            "  hourglass analyze SESSION gpu/idle --from 50ms --to 1.2s",
            "  hourglass analyze SESSION bound --json"
        })
final class AnalyzeCommand implements Callable<Integer> {
    /// Names every analysis, as naming none does.
    private static final String ALL = "all";
    /// Columns of output that goes into a file or another program.
    private static final int WIDE = 240;

    @Parameters(index = "0", arity = "0..1", paramLabel = "SESSION", description = "Session directory.")
    private @Nullable Path session;

    @Parameters(index = "1..*", paramLabel = "ANALYSIS", description = "Ids, or the group before the slash.")
    private List<String> wanted = new ArrayList<>();

    @Option(names = "--stage", paramLabel = "NAME", description = "Only steps of this stage, for example decode.")
    private @Nullable String stage;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            description = "Only from this moment, from the session's start: nanoseconds, or with a unit (50ms).")
    private @Nullable Moment from;

    @Option(
            names = "--to",
            paramLabel = "TIME",
            description = "Only up to this moment, from the session's start: nanoseconds, or with a unit (1.5s).")
    private @Nullable Moment to;

    @Option(names = "--list", description = "List the analyses with their questions.")
    private boolean list;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Mixin
    private CsvOptions csv = new CsvOptions();

    @Option(names = "--show-sql", description = "Print the SQL of each analysis instead of running it.")
    private boolean showSql;

    @Override
    public Integer call() {
        if (json && csv.wanted()) {
            throw new UserException("--csv and --json exclude each other");
        }
        List<Analysis> chosen = chosen();
        if (list) {
            chosen.forEach(a -> System.out.printf("%-24s %s%n", a.id(), a.question()));
            return 0;
        }
        if (showSql) {
            chosen.forEach(a -> System.out.println(AnalysisLibrary.bound(a).strip() + ";\n"));
            return 0;
        }
        if (session == null) {
            throw new UserException("which session? `hourglass analyze SESSION [ANALYSIS…]`");
        }
        if (csv.wanted() && chosen.size() != 1) {
            throw new UserException("--csv prints one analysis; name one of `hourglass analyze --list`");
        }
        try (Session opened = Session.open(session)) {
            checkStage(opened);
            checkSpan(opened);
            new Focus(
                            Optional.ofNullable(stage),
                            from == null ? OptionalLong.empty() : OptionalLong.of(from.ns()),
                            to == null ? OptionalLong.empty() : OptionalLong.of(to.ns()))
                    .apply(opened);
            AnalysisRunner runner = new AnalysisRunner(opened);
            print(chosen.stream().map(runner::run).toList());
        }
        return 0;
    }

    private void checkStage(Session opened) {
        if (stage == null) {
            return;
        }
        Rows rows = opened.query(VerbQueries.text("stages"));
        List<String> stages = new ArrayList<>();
        for (int r = 0; r < rows.size(); r++) {
            stages.add(rows.text(r, "stage", ""));
        }
        if (!stages.contains(stage)) {
            throw new UserException("the session has no stage " + Terminal.plain(stage)
                    + (stages.isEmpty() ? "" : "; there are " + Terminal.plain(String.join(", ", stages))));
        }
    }

    private void checkSpan(Session opened) {
        Moment begin = from == null ? Moment.of("0") : from;
        if (begin.ns() < 0) {
            throw new UserException("--from " + begin.text() + " is before the session's start, which is 0");
        }
        if (to != null && to.ns() <= begin.ns()) {
            throw new UserException("--to " + to.text() + " is not behind --from " + begin.text()
                    + "; both count from the session's start");
        }
        if (from != null) {
            long span = spanNs(opened);
            if (begin.ns() >= span) {
                throw new UserException("--from " + begin.text() + " is behind the session's end, which is at "
                        + Format.value((double) span, Unit.NANOSECONDS) + " (" + span + " ns)");
            }
        }
    }

    private static long spanNs(Session opened) {
        return opened.query(VerbQueries.text("span")).integer(0, "span").orElse(0);
    }

    private List<Analysis> chosen() {
        if (wanted.isEmpty() || wanted.equals(List.of(ALL))) {
            return AnalysisLibrary.ids().stream().map(AnalysisLibrary::find).toList();
        }
        List<Analysis> chosen = new ArrayList<>();
        for (String word : wanted) {
            List<String> ids = AnalysisLibrary.ids().stream()
                    .filter(id -> id.equals(word) || id.startsWith(word + "/") || id.endsWith("/" + word))
                    .toList();
            if (ids.isEmpty()) {
                throw new UserException("no analysis " + Terminal.plain(word)
                        + Nearest.hint(word, AnalysisLibrary.ids()) + "; `hourglass analyze --list` lists them");
            }
            ids.forEach(id -> chosen.add(AnalysisLibrary.find(id)));
        }
        return chosen;
    }

    private void print(List<Outcome> outcomes) {
        if (json) {
            Output.data(AnalyzeJson.of(outcomes));
        } else if (csv.wanted()) {
            outcomes.forEach(this::csv);
        } else {
            outcomes.forEach(this::text);
        }
    }

    private void csv(Outcome outcome) {
        RowPrinter printer = new RowPrinter.Csv(Output.data(), csv.formulas());
        AnalyzeJson.rows(outcome)
                .ifPresentOrElse(
                        rows -> {
                            printer.columns(rows.columns(), rows.types());
                            rows.rows().forEach(row -> printer.row(row.toArray()));
                            printer.end();
                        },
                        () -> {
                            throw new UserException(missing((Outcome.NotApplicable) outcome));
                        });
    }

    /// With many analyses, those that the session cannot answer are one line each.
    private void text(Outcome outcome) {
        if (outcome instanceof Outcome.NotApplicable absent) {
            if (!wanted.isEmpty() && !wanted.equals(List.of(ALL))) {
                System.out.println(Terminal.plain(missing(absent)) + "\n");
            }
            return;
        }
        System.out.println(outcome.analysis().id());
        System.out.print(TextReport.blocks(
                AnalysisTable.of(outcome).stream()
                        .filter(b -> !(b instanceof Block.Query))
                        .toList(),
                Screen.width() == 0 ? Terminal.width().atLeast(WIDE) : Terminal.width()));
        if (outcome instanceof Outcome.Findings found) {
            for (Finding f : found.findings()) {
                System.out.println(f.severity().key().toUpperCase(Locale.ROOT) + ": " + Terminal.plain(f.title()));
            }
        }
        System.out.println();
    }

    private static String missing(Outcome.NotApplicable absent) {
        return absent.analysis().id() + ": not measured, because " + absent.because() + ". To record it: "
                + absent.howToRecord();
    }
}
