package dev.hourglass.app.cli;

import dev.hourglass.app.live.FreshReports;
import dev.hourglass.app.live.SessionServer;
import dev.hourglass.core.export.ExportFormat;
import dev.hourglass.core.export.Exporter;
import dev.hourglass.core.file.Temporary;
import dev.hourglass.core.ingest.OriginalTrace;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.store.SessionLayout;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
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
        try (FreshReports reports = new FreshReports(layout)) {
            reports.current();
            serve(reports);
        }
        return 0;
    }

    private void serve(FreshReports reports) throws IOException, InterruptedException {
        OriginalTrace trace = trace();
        try (Temporary directory = Temporary.create();
                SessionServer server =
                        start(reports, trace, directory.directory().resolve("session.pftrace"))) {
            System.out.println("Report:   " + server.address());
            System.out.println("Perfetto: " + server.address() + "perfetto"
                    + (trace.file().isPresent()
                            ? ""
                            : " (the session as `hourglass export` writes it, because " + Terminal.plain(trace.why())
                                    + ")"));
            System.out.println("Ctrl-C ends it.");
            System.out.flush();
            new CountDownLatch(1).await();
        } catch (BindException e) {
            throw new UserException("port " + port + " is taken; choose another with --port");
        }
    }

    /// With the trace that the session was read from, else with the session itself as one, made when it is asked for.
    private SessionServer start(FreshReports reports, OriginalTrace trace, Path own) throws IOException {
        return SessionServer.start(
                port,
                path -> path.equals("/trace") ? exported(own) : find(reports, path),
                trace.file().or(() -> Optional.of(own)));
    }

    private synchronized Optional<Path> exported(Path own) throws IOException {
        if (!Files.exists(own)) {
            Exporter.export(session, ExportFormat.PERFETTO, own);
        }
        return Optional.of(own);
    }

    private Optional<Path> find(FreshReports reports, String path) throws IOException {
        return switch (path) {
            case "/report.html" -> Optional.of(reports.current().reportHtml());
            case "/report.json" -> Optional.of(reports.current().reportJson());
            case "/report.md" -> Optional.of(reports.current().reportMarkdown());
            case "/summary.json" -> Optional.of(reports.current().summary());
            case "/metadata.json" -> Optional.of(new SessionLayout(session).metadata());
            default -> Optional.empty();
        };
    }

    /// The input that Perfetto's viewer reads as it is.
    private OriginalTrace trace() {
        try (Session opened = Session.openAsStored(session, Session.Dialect.OWN)) {
            return OriginalTrace.of(opened);
        }
    }
}
