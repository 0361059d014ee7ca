package dev.hourglass.app.cli;

import dev.hourglass.core.ingest.RecordedTraces;
import dev.hourglass.core.ingest.SessionInputs;
import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.store.SessionDirectory;
import dev.hourglass.core.store.SessionLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `hourglass collect`: a session of what a probe wrote down.
@Command(
        name = "collect",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Make a session of what an engine with the probe wrote down, and explain it.",
            "The engine may still run: what it has written by now is read, and nothing of it is removed."
        },
        footer = {
            "",
            "Example:",
            "  eval \"$(hourglass probe env --dir records)\"; vllm serve MODEL &",
            "  hourglass collect records -o SESSION"
        })
final class CollectCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "Directory that `probe env --dir` named.")
    private Path records = Path.of(".");

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "SESSION",
            description = "Directory of the session.")
    private Path output = Path.of(".");

    @Option(names = "--force", description = "Replace the session that stands there.")
    private boolean force;

    @Override
    public Integer call() throws IOException {
        if (!Files.isDirectory(records)) {
            throw new UserException("no directory " + Terminal.plain(records.toString())
                    + "; it is the one that `hourglass probe env --dir` named");
        }
        try (SessionDirectory directory = SessionDirectory.claim(output, force)) {
            SessionLayout growing = directory.growing();
            TraceImport.Summary summary = new TraceImport(RecordedTraces.options(records), bytes -> {})
                    .into(List.of(records), growing.database());
            SessionInputs.write(summary, growing.directory(), false);
            RecordedSession.explain(directory, System.out);
        }
        return 0;
    }
}
