package dev.hourglass.core;

import dev.hourglass.core.analysis.DecodeExplanation;
import dev.hourglass.core.analysis.DecodeProfile;
import dev.hourglass.core.analysis.DecodeProfiler;
import dev.hourglass.core.document.HtmlReport;
import dev.hourglass.core.document.MarkdownReport;
import dev.hourglass.core.document.Report;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.report.DecodeReport;
import dev.hourglass.core.report.DecodeSummaryJson;
import dev.hourglass.core.report.ExplanationJson;
import dev.hourglass.core.report.SessionMetadataJson;
import dev.hourglass.core.store.SessionLayout;
import java.io.IOException;

/// Writes everything that is derived from a session's database.
public final class SessionReports {
    private SessionReports() {}

    /// Whether a session holds a recorded decode run, and not an imported timeline.
    public static boolean isDecode(SessionLayout layout) {
        try (Session session = Session.open(layout.directory())) {
            return session.query("SELECT 1 FROM token LIMIT 1").size() > 0;
        }
    }

    /// Writes summary, reports and metadata into the session's directory.
    ///
    /// @return what they say
    public static DecodeProfile write(SessionLayout layout) throws IOException {
        DecodeProfile profile;
        try (Session session = Session.open(layout.directory())) {
            profile = DecodeProfiler.profile(session);
        }
        Report report = DecodeReport.of(profile);
        DecodeSummaryJson.write(profile, layout.summary());
        ExplanationJson.write(DecodeExplanation.of(profile), report, layout.reportJson());
        MarkdownReport.write(report, layout.reportMarkdown());
        HtmlReport.write(report, layout.reportHtml());
        SessionMetadataJson.write(profile, layout.metadata());
        return profile;
    }
}
