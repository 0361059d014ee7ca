package dev.hourglass.app.cli;

import dev.hourglass.app.record.SessionPlace;
import dev.hourglass.core.Explained;
import dev.hourglass.core.SessionReports;
import dev.hourglass.core.document.TextReport;
import dev.hourglass.core.export.ExportFormat;
import dev.hourglass.core.export.Exporter;
import dev.hourglass.core.store.SessionDirectory;
import dev.hourglass.core.store.SessionLayout;
import java.io.IOException;
import java.io.PrintStream;

/// A session that was just recorded: explained, with its reports and the tables that other tools read, in its place.
final class RecordedSession {
    private RecordedSession() {}

    /// @param out takes what a person reads
    static void explain(SessionDirectory directory, PrintStream out) throws IOException {
        SessionLayout growing = directory.growing();
        Explained explained = Explained.of(
                growing.directory(), String.valueOf(directory.target().getFileName()));
        SessionReports.write(explained, growing);
        Exporter.export(growing.directory(), ExportFormat.PROFILEMATE, growing.csv());
        directory.publish();
        out.print(TextReport.summary(explained.report(), Terminal.width()));
        out.println();
        out.println("Session: " + Terminal.plain(shown(directory)));
        out.println("Report:  " + Terminal.plain(shown(directory) + "/report.html"));
    }

    /// Where it stands, as a person would type it.
    static String shown(SessionDirectory directory) {
        return SessionPlace.shown(directory.target()).toString();
    }
}
