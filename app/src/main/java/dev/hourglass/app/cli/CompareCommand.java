package dev.hourglass.app.cli;

import dev.hourglass.core.analysis.Comparison;
import dev.hourglass.core.analysis.Limit;
import dev.hourglass.core.analysis.RunSamples;
import dev.hourglass.core.report.ComparisonJson;
import dev.hourglass.core.report.ComparisonReport;
import dev.hourglass.core.report.HtmlReport;
import dev.hourglass.core.report.MarkdownReport;
import dev.hourglass.core.report.Report;
import dev.hourglass.core.report.TextReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
            description = "Exit with 1 if this holds: METRIC > +3%%, METRIC > +50us, METRIC > 20ms. May be repeated.")
    private List<String> failOn = new ArrayList<>();

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
        RunSamples before = Runs.read(base);
        RunSamples after = Runs.read(candidate);
        Comparison comparison = Comparison.of(before, after);
        print(comparison);
        int failed = 0;
        for (Limit limit : limits) {
            if (met(limit, comparison)) {
                System.err.println("hourglass: failed: " + limit.text());
                failed = Main.FAILED;
            }
        }
        return failed;
    }

    private static Limit limit(String text) {
        try {
            return Limit.parse(text);
        } catch (IllegalArgumentException e) {
            throw new UserException("--fail-on: " + e.getMessage());
        }
    }

    private static boolean met(Limit limit, Comparison comparison) {
        try {
            return limit.met(comparison);
        } catch (IllegalArgumentException e) {
            throw new UserException("--fail-on: " + e.getMessage());
        }
    }

    private void print(Comparison comparison) throws IOException {
        Report report = ComparisonReport.of(comparison);
        String text = switch (format) {
            case TEXT -> TextReport.full(report, Terminal.columns());
            case MD -> MarkdownReport.render(report);
            case JSON -> ComparisonJson.render(comparison);
            case HTML -> HtmlReport.render(report);
        };
        if (output == null) {
            System.out.print(text);
        } else {
            Files.writeString(output, text);
        }
    }
}
