package dev.hourglass.app.cli;

import dev.hourglass.core.Explained;
import dev.hourglass.core.SessionReports;
import dev.hourglass.core.document.HtmlReport;
import dev.hourglass.core.document.MarkdownReport;
import dev.hourglass.core.document.TextReport;
import dev.hourglass.core.file.WholeFile;
import dev.hourglass.core.model.checkpoint.ModelReader;
import dev.hourglass.core.report.ExplanationJson;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.WritableSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `hourglass report SESSION`, `hourglass report FILE…`.
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = {
            "Explain a session: what limits it, why, and what to change.",
            "Of a session, report.html, report.md and report.json are written into it. Of raw files, which are imported"
                    + " into a temporary session, the page is written beside the working directory's other files."
        },
        footer = {
            "",
            "Examples:",
            "  hourglass report SESSION",
            "  hourglass report trace.json.gz",
            "  hourglass report trace.json.gz gpu.csv --format json -o report.json"
        })
final class ReportCommand implements Callable<Integer> {
    /// What is written.
    enum Format {
        HTML,
        MD,
        JSON
    }

    @Parameters(
            arity = "1..*",
            paramLabel = "SESSION|FILE",
            description = "A session directory, or raw traces and logs.")
    private List<Path> inputs = new ArrayList<>();

    @Option(
            names = "--format",
            paramLabel = "html|md|json",
            description = "md and json are printed unless -o names a file.")
    private @Nullable Format format;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where the report goes.")
    private @Nullable Path output;

    @Option(
            names = "--stages",
            paramLabel = "REGEX",
            description = "Of raw files: annotations with a matching name are stages (prefill, decode, …).")
    private @Nullable String stages;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description = "config.json, a directory that holds one, or a GGUF file: for MFU and MBU.")
    private @Nullable Path model;

    @Option(
            names = "--device",
            paramLabel = "NAME",
            description = "The GPU that ran, where the recording does not name it.")
    private @Nullable String device;

    @Mixin
    private final StepWork work = new StepWork();

    @Override
    public Integer call() throws IOException {
        SessionLayout layout = new SessionLayout(inputs.getFirst());
        if (layout.isSession()) {
            if (inputs.size() > 1) {
                throw new UserException("report one session at a time; to put sessions side by side, use compare");
            }
            ofSession(layout);
        } else {
            ofFiles();
        }
        return 0;
    }

    private void ofSession(SessionLayout session) throws IOException {
        try (WritableSession place = WritableSession.of(session)) {
            Explained explained = Explained.of(place.layout().directory(), told());
            SessionReports.write(explained, place.layout());
            render(
                    explained,
                    place.keeps()
                            ? place.layout().reportHtml().toString()
                            : "not kept, because nothing can be written to the session; -o names another place");
        }
    }

    private void ofFiles() throws IOException {
        for (Path input : inputs) {
            if (!Files.exists(input)) {
                throw new UserException("no file or session " + input);
            }
            if (Files.isDirectory(input) && Files.exists(input.resolve("metadata.json"))) {
                throw new UserException(input + " is no session: it has no session.duckdb");
            }
        }
        Explained explained = Explained.ofFiles(inputs, pattern(), told());
        String name = String.valueOf(inputs.getFirst().getFileName())
                .replaceFirst("(\\.(json|csv|log|txt|sqlite))?(\\.(gz|zst))?$", "");
        Path page = Path.of(name + ".report.html");
        if (format() == Format.HTML && output == null) {
            HtmlReport.write(explained.report(), page);
        }
        render(explained, page.toString());
    }

    private Format format() {
        return format == null ? Format.HTML : format;
    }

    /// @param where the page stands already, for people
    private void render(Explained explained, String where) throws IOException {
        switch (format()) {
            case HTML -> {
                if (output != null) {
                    WholeFile.writeWhereAsked(output, HtmlReport.render(explained.report()));
                }
                print(explained, output == null ? where : output.toString());
            }
            case MD -> emit(MarkdownReport.render(explained.report()));
            case JSON -> emit(ExplanationJson.render(explained.explanation(), explained.report()));
        }
    }

    private void emit(String text) throws IOException {
        if (output == null) {
            Output.data(text);
        } else {
            WholeFile.writeWhereAsked(output, text);
        }
    }

    /// Of a recorded decode run all of it: no other place shows its layers and cores on a terminal.
    private static void print(Explained explained, String where) {
        System.out.print(
                explained.explanation().decode().isPresent()
                        ? TextReport.full(explained.report(), Terminal.width())
                        : TextReport.summary(explained.report(), Terminal.width()));
        System.out.println();
        System.out.println("Report: " + where);
    }

    private Explained.Told told() {
        return new Explained.Told(
                Optional.ofNullable(model).map(ModelReader::read),
                Optional.ofNullable(device).map(Devices::find),
                work.given());
    }

    private Optional<Pattern> pattern() {
        try {
            return Optional.ofNullable(stages).map(Pattern::compile);
        } catch (PatternSyntaxException e) {
            throw new UserException("--stages: " + e.getDescription() + " near index " + e.getIndex());
        }
    }
}
