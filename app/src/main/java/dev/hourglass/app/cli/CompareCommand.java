package dev.hourglass.app.cli;

import dev.hourglass.core.analysis.Comparison;
import dev.hourglass.core.analysis.Limit;
import dev.hourglass.core.analysis.RunSamples;
import dev.hourglass.core.document.HtmlReport;
import dev.hourglass.core.document.MarkdownReport;
import dev.hourglass.core.document.Report;
import dev.hourglass.core.document.TextReport;
import dev.hourglass.core.file.WholeFile;
import dev.hourglass.core.report.ComparisonJson;
import dev.hourglass.core.report.ComparisonReport;
import dev.hourglass.core.unit.Unit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `hourglass compare BASE CANDIDATE`.
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        description = {
            "Compare two sessions, or a session with a stored baseline: what changed, by how much, how sure, and why.",
            "A run may also be given as a raw trace."
        },
        footer = {
            "",
            "Exit code 1 if a --fail-on condition holds. Metrics are those that the output names, for example:",
            "  hourglass compare BASE CANDIDATE --fail-on 't_token.p50 > +3%%' --format md"
        })
final class CompareCommand implements Callable<Integer> {
    /// How the answer is printed.
    enum Format {
        TEXT,
        MD,
        JSON,
        HTML
    }

    @Parameters(index = "0", paramLabel = "BASE", description = "Session directory, trace, or name of a baseline.")
    private String base = "";

    @Parameters(index = "1", paramLabel = "CANDIDATE", description = "Session directory, trace, or name of a baseline.")
    private String candidate = "";

    @Option(
            names = "--fail-on",
            paramLabel = "EXPR",
            description =
                    "Exit with 1 if this holds. METRIC > +3%%: the change relative to the base; METRIC > +50us: the"
                            + " change; METRIC > 20ms: the candidate's own value. Also >=, <, <=. May be repeated.")
    private List<String> failOn = new ArrayList<>();

    @Option(
            names = "--stage",
            paramLabel = "NAME",
            description =
                    "Compare the steps of this stage, for example prefill; decode if not given, else that which takes"
                            + " most time.")
    private String stage = "";

    @Option(names = "--format", paramLabel = "text|md|json|html", description = "What is printed; text if not given.")
    private Format format = Format.TEXT;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Write there instead of printing.")
    private @Nullable Path output;

    @Override
    public Integer call() throws IOException {
        List<Limit> limits = failOn.stream().map(CompareCommand::limit).toList();
        Comparison comparison = compare();
        List<Limit> met = limits.stream().filter(l -> met(l, comparison)).toList();
        print(comparison);
        met.forEach(
                limit -> System.err.println("hourglass: failed: " + limit.text() + ": " + story(limit, comparison)));
        return met.isEmpty() ? 0 : Main.FAILED;
    }

    /// Steps of one stage, in both runs where both have it.
    private Comparison compare() throws IOException {
        RunSamples before = Runs.read(base, stage);
        RunSamples after = Runs.read(candidate, stage.isEmpty() ? before.stage() : stage);
        if (!before.stage().equals(after.stage())) {
            before = Runs.read(base, after.stage());
        }
        for (RunSamples run : List.of(before, after)) {
            if (!stage.isEmpty() && !run.stage().equals(stage)) {
                throw new UserException(Terminal.plain(
                        run.name() + " has no steps of " + stage + " to compare; it has steps of " + run.stage()));
            }
        }
        return Comparison.of(before, after);
    }

    /// What the condition was held against.
    private static String story(Limit limit, Comparison comparison) {
        Comparison.Metric m = comparison.metric(limit.metric()).orElseThrow();
        String from = m.inBoth()
                ? ", before " + us(m.base()) + " ("
                        + (Double.isFinite(m.ratio()) ? String.format(Locale.ROOT, "%+.1f %%, ", m.ratio() * 100) : "")
                        + (Double.isNaN(m.shift().low())
                                ? ""
                                : "95 % interval of the difference "
                                        + us(m.shift().low()) + " to "
                                        + us(m.shift().high()) + ", ")
                        + m.shift().verdict() + ")"
                : "";
        return "it is " + us(m.candidate()) + from;
    }

    private static String us(double value) {
        return dev.hourglass.core.unit.Format.value(value, Unit.MICROSECONDS);
    }

    private static Limit limit(String text) {
        try {
            return Limit.parse(text);
        } catch (IllegalArgumentException e) {
            throw new UserException(Terminal.plain("--fail-on: " + e.getMessage()));
        }
    }

    private static boolean met(Limit limit, Comparison comparison) {
        List<String> names =
                comparison.metrics().stream().map(Comparison.Metric::name).toList();
        if (!names.contains(limit.metric())) {
            String near = Nearest.hint(limit.metric(), names);
            throw new UserException("--fail-on: no metric " + Terminal.plain(limit.metric())
                    + (near.isEmpty() ? "; there are " + Terminal.plain(String.join(", ", names)) : near));
        }
        try {
            return limit.met(comparison);
        } catch (IllegalArgumentException e) {
            throw new UserException(Terminal.plain("--fail-on: " + e.getMessage()));
        }
    }

    private void print(Comparison comparison) throws IOException {
        Report report = ComparisonReport.of(comparison);
        String text = switch (format) {
            case TEXT -> TextReport.full(report, Terminal.width());
            case MD -> MarkdownReport.render(report);
            case JSON -> ComparisonJson.render(comparison);
            case HTML -> HtmlReport.render(report);
        };
        if (output == null) {
            Output.data(text);
        } else {
            WholeFile.writeWhereAsked(output, text);
        }
    }
}
