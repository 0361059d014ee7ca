package dev.hourglass.app.cli;

import dev.hourglass.app.live.SessionServer;
import dev.hourglass.core.Explained;
import dev.hourglass.core.SessionReports;
import dev.hourglass.core.ingest.OriginalTrace;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.WritableSession;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `hourglass open SESSION`.
@Command(
        name = "open",
        mixinStandardHelpOptions = true,
        description = {
            "Serve a session's report on this machine and offer its trace to Perfetto's viewer. Ctrl-C ends it.",
            "The server listens on 127.0.0.1 alone."
        })
final class OpenCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "SESSION", description = "Session directory.")
    private Path session = Path.of(".");

    @Option(names = "--port", paramLabel = "PORT", description = "Port on 127.0.0.1; any free one if not given.")
    private int port;

    @Override
    public Integer call() throws IOException, InterruptedException {
        SessionLayout layout = new SessionLayout(session);
        if (!layout.isSession()) {
            throw new UserException(session + " is not a session: it has no session.duckdb");
        }
        if (Files.isRegularFile(layout.reportHtml())) {
            serve(layout);
        } else {
            try (WritableSession place = WritableSession.of(layout)) {
                Path directory = place.layout().directory();
                SessionReports.write(Explained.of(directory), place.layout());
                serve(place.layout());
            }
        }
        return 0;
    }

    /// @param reports where the reports are
    private void serve(SessionLayout reports) throws IOException, InterruptedException {
        OriginalTrace trace = trace();
        try (SessionServer server = SessionServer.start(port, files(reports), trace.file())) {
            System.out.println("Report:   " + server.address());
            System.out.println("Perfetto: "
                    + (trace.file().isPresent()
                            ? server.address() + "perfetto"
                            : "not offered, because " + Terminal.plain(trace.why())));
            System.out.println("Ctrl-C ends it.");
            System.out.flush();
            new CountDownLatch(1).await();
        } catch (BindException e) {
            throw new UserException("port " + port + " is taken; choose another with --port");
        }
    }

    private Map<String, Path> files(SessionLayout reports) {
        Map<String, Path> files = new LinkedHashMap<>();
        files.put("/", reports.reportHtml());
        files.put("/report.html", reports.reportHtml());
        files.put("/report.json", reports.reportJson());
        files.put("/report.md", reports.reportMarkdown());
        files.put("/summary.json", reports.summary());
        files.put("/metadata.json", new SessionLayout(session).metadata());
        return files;
    }

    /// The input that Perfetto's viewer reads as it is.
    private OriginalTrace trace() {
        try (Session opened = Session.openAsStored(session, Session.Dialect.OWN)) {
            return OriginalTrace.of(opened);
        }
    }
}
