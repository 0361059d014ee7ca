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
import dev.hourglass.core.text.Nearest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `hourglass compare BASE[,BASE...] CANDIDATE[,CANDIDATE...]`.
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        description = {
            "Compare two sessions, or a session with a stored baseline: what changed, by how much, how sure, and why.",
            "A run may also be given as a raw trace. Several runs of the same, joined by commas, tell how runs scatter."
        },
        footer = {
            "",
            "Exit code 1 if a --fail-on condition holds, 2 if these runs cannot tell. Metrics are those that the output",
            "names, for example:",
            "  hourglass compare BASE CANDIDATE --fail-on 't_token.p50 > +3%%' --format md",
            "  hourglass compare A1,A2,A3 B1,B2,B3 --tolerance 2%%"
        })
final class CompareCommand implements Callable<Integer> {
    /// How the answer is printed.
    enum Format {
        TEXT,
        MD,
        JSON,
        HTML
    }

    @Parameters(
            index = "0",
            paramLabel = "BASE",
            description = "Session directory, trace, or name of a baseline; several joined by commas.")
    private String base = "";

    @Parameters(index = "1", paramLabel = "CANDIDATE", description = "The same of what it is compared with.")
    private String candidate = "";

    @Option(
            names = "--fail-on",
            paramLabel = "EXPR",
            description =
                    "Exit with 1 if this holds. METRIC > +3%%: the change relative to the base; METRIC > +50us: the"
                            + " change; METRIC > 20ms: the candidate's own value. Also >=, <, <=. May be repeated.")
    private List<String> failOn = new ArrayList<>();

    @Option(
            names = "--tolerance",
            paramLabel = "PERCENT",
            description =
                    "Two figures are the SAME if the interval of their difference is within it; 3%% if not given.")
    private String tolerance = "3%";

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
        double within = tolerance();
        Comparison comparison = compare(within);
        List<Limit> met = limits.stream().filter(l -> met(l, comparison)).toList();
        List<Limit> undecided =
                limits.stream().filter(l -> l.undecided(comparison).isPresent()).toList();
        print(comparison);
        undecided.forEach(limit -> System.err.println(Terminal.plain("hourglass: cannot tell whether " + limit.text()
                + ": " + limit.undecided(comparison).orElseThrow() + "; " + story(limit, comparison))));
        List<Limit> sure = met.stream().filter(l -> !undecided.contains(l)).toList();
        sure.forEach(
                limit -> System.err.println("hourglass: failed: " + limit.text() + ": " + story(limit, comparison)));
        return !sure.isEmpty() ? Main.FAILED : undecided.isEmpty() ? 0 : Main.USAGE;
    }

    private double tolerance() {
        Matcher m = Pattern.compile("\\s*(\\d{1,3}(?:\\.\\d{1,6})?)\\s*%?\\s*").matcher(tolerance);
        if (!m.matches() || Double.parseDouble(m.group(1)) == 0) {
            throw new UserException(
                    "--tolerance is a percentage above 0, for example 3%, not " + Terminal.plain(tolerance));
        }
        return Double.parseDouble(m.group(1)) / 100;
    }

    /// Steps of one stage, in all runs where all have it.
    private Comparison compare(double within) throws IOException {
        List<RunSamples> before = Runs.readAll(base, stage);
        List<RunSamples> after =
                Runs.readAll(candidate, stage.isEmpty() ? before.getFirst().stage() : stage);
        String other = after.getFirst().stage();
        if (!before.getFirst().stage().equals(other)) {
            before = Runs.readAll(base, other);
        }
        for (RunSamples run : Stream.concat(before.stream(), after.stream()).toList()) {
            if (!stage.isEmpty() && !run.stage().equals(stage)) {
                throw new UserException(Terminal.plain(
                        run.name() + " has no steps of " + stage + " to compare; it has steps of " + run.stage()));
            }
        }
        alike(before);
        alike(after);
        return Comparison.of(before, after, within);
    }

    /// Runs of a side are of the same.
    private static void alike(List<RunSamples> side) {
        for (RunSamples run : side) {
            if (!run.stage().equals(side.getFirst().stage())) {
                throw new UserException(Terminal.plain(
                        "runs of one side are of the same: " + side.getFirst().name()
                                + " has steps of " + side.getFirst().stage() + ", " + run.name() + " of " + run.stage()
                                + "; choose with --stage"));
            }
        }
    }

    /// What the condition was held against.
    private static String story(Limit limit, Comparison comparison) {
        Comparison.Metric m = comparison.metric(limit.metric()).orElseThrow();
        String from = m.inBoth()
                ? ", before " + value(m.base(), m) + " ("
                        + (Double.isFinite(m.ratio()) ? String.format(Locale.ROOT, "%+.1f %%, ", m.ratio() * 100) : "")
                        + (Double.isFinite(m.shift().high() - m.shift().low())
                                ? "95 % interval of the difference "
                                        + value(m.shift().low(), m) + " to "
                                        + value(m.shift().high(), m) + ", "
                                : "")
                        + m.shift().verdict() + ")"
                : "";
        return "it is " + value(m.candidate(), m) + from;
    }

    private static String value(double value, Comparison.Metric of) {
        return dev.hourglass.core.unit.Format.value(value, of.unit());
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
