package dev.hourglass.app.cli;

import dev.hourglass.app.record.SessionReports;
import dev.hourglass.core.analysis.DecodeProfile;
import dev.hourglass.core.report.DecodeReport;
import dev.hourglass.core.report.TextReport;
import dev.hourglass.core.store.SessionLayout;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `hourglass report SESSION`.
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = {
            "Write report.html, report.md, report.json and summary.json of a session again from its database, and print"
                    + " the report.",
            ""
        },
        footer = {"", "Example:", "  hourglass report hourglass-sessions/2026-11-25_10-00-00_qwen3-30b-a3b"})
final class ReportCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "SESSION", description = "Session directory.")
    private Path session = Path.of(".");

    @Override
    public Integer call() throws IOException {
        SessionLayout layout = new SessionLayout(session);
        DecodeProfile profile = SessionReports.write(layout);
        System.out.print(TextReport.full(DecodeReport.of(profile), Terminal.columns()));
        System.out.println();
        System.out.println("Report: " + layout.reportHtml());
        return 0;
    }
}
