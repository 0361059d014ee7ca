package dev.hourglass.core.read.nsys;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Head;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Source;
import dev.hourglass.core.trace.TraceFormatException;
import dev.hourglass.core.trace.TraceReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Reports of Nsight Systems and Nsight Compute in their own binary forms, which only those tools can
/// read: tells which command turns one into a form that Hourglass reads.
public final class NsightReportReader implements TraceReader {
    /// Found by `ServiceLoader`.
    public NsightReportReader() {}

    @Override
    public String format() {
        return "nsight-report";
    }

    @Override
    public Match match(Head head) {
        return tool(head.name()).isPresent() && !head.startsWith("SQLite format 3") ? Match.YES : Match.NO;
    }

    /// @throws TraceFormatException always, with the command to run
    @Override
    public void read(Source source, BatchSink sink, ImportContext context) {
        Path export = exportPath(source.path());
        throw new TraceFormatException(
                source.name(),
                0,
                "an export of this report: run `" + String.join(" ", exportCommand(source.path(), export))
                        + (isCompute(source.path()) ? " > " + export : "") + "` and import " + export);
    }

    /// The command that exports a report; what it prints is the export of a report of Nsight Compute.
    public static List<String> exportCommand(Path report, Path export) {
        return isCompute(report)
                ? List.of("ncu", "--import", report.toString(), "--csv", "--page", "raw", "--print-units", "base")
                : List.of(
                        "nsys",
                        "export",
                        "--type",
                        "sqlite",
                        "--force-overwrite",
                        "true",
                        "--output",
                        export.toString(),
                        report.toString());
    }

    /// Whether a file is such a report, judged by its name.
    public static boolean isReport(Path file) {
        return tool(String.valueOf(file.getFileName())).isPresent();
    }

    /// Whether a report is of Nsight Compute.
    public static boolean isCompute(Path report) {
        return tool(String.valueOf(report.getFileName())).filter("ncu"::equals).isPresent();
    }

    private static Path exportPath(Path report) {
        String name = String.valueOf(report.getFileName()).replaceFirst("\\.[^.]+$", "");
        return report.resolveSibling(name + (isCompute(report) ? ".csv" : ".sqlite"));
    }

    private static Optional<String> tool(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.endsWith(".ncu-rep") || lower.endsWith(".nsight-cuprof-report")) {
            return Optional.of("ncu");
        }
        return lower.endsWith(".nsys-rep") || lower.endsWith(".qdrep") || lower.endsWith(".qdstrm")
                ? Optional.of("nsys")
                : Optional.empty();
    }
}
