package dev.hourglass.core;

import dev.hourglass.core.analysis.DecodeProfile;
import dev.hourglass.core.document.HtmlReport;
import dev.hourglass.core.document.MarkdownReport;
import dev.hourglass.core.report.DecodeSummaryJson;
import dev.hourglass.core.report.ExplanationJson;
import dev.hourglass.core.report.SessionMetadataJson;
import dev.hourglass.core.store.SessionLayout;
import java.io.IOException;
import java.util.Optional;

/// Writes everything that is derived from a session's database.
public final class SessionReports {
    private SessionReports() {}

    /// Writes the reports into the session's directory; of a recorded decode run summary and metadata too, the
    /// metadata last.
    public static void write(Explained explained, SessionLayout layout) throws IOException {
        ExplanationJson.write(explained.explanation(), explained.report(), layout.reportJson());
        MarkdownReport.write(explained.report(), layout.reportMarkdown());
        HtmlReport.write(explained.report(), layout.reportHtml());
        Optional<DecodeProfile> decode = explained.explanation().decode();
        if (decode.isPresent()) {
            DecodeSummaryJson.write(explained.explanation(), decode.get(), layout.summary());
            SessionMetadataJson.write(explained.explanation(), decode.get(), layout.metadata());
        }
    }
}
