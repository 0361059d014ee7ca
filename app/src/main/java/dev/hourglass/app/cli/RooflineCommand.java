package dev.hourglass.app.cli;

import dev.hourglass.app.bench.BenchJson;
import dev.hourglass.app.bench.BenchProgress;
import dev.hourglass.app.bench.Benchmarks;
import dev.hourglass.app.bench.KeptCeilings;
import dev.hourglass.app.bench.Measured;
import dev.hourglass.app.bench.RooflineReport;
import dev.hourglass.app.record.SessionPlace;
import dev.hourglass.core.document.HtmlReport;
import dev.hourglass.core.document.MarkdownReport;
import dev.hourglass.core.document.Report;
import dev.hourglass.core.document.Section;
import dev.hourglass.core.document.TextReport;
import dev.hourglass.core.file.WholeFile;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.device.bench.process.BenchJob;
import dev.hourglass.device.bench.process.BenchOutcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `hourglass roofline`.
@Command(
        name = "roofline",
        mixinStandardHelpOptions = true,
        description = {
            "What this machine can do at most, measured: arithmetic by number format, bandwidth of each cache and of",
            "memory, and the ridge points between them. Kept for this machine, so that other verbs use it instead of a",
            "data sheet."
        },
        footer = {
            "",
            "A ceiling is the best of many short runs, on random data, each checked where it",
            "leaves a result. `of peak` holds it against width and clock, `by bus` counts the",
            "lines that a plain store reads before it writes. Other work on the machine shows",
            "as a median far below the best.",
            "",
            "Examples:",
            "  hourglass roofline                      the GPU, or the processor where there is none",
            "  hourglass roofline --device all --quick all devices, some seconds each",
            "  hourglass roofline --device cpu -o DIR  with plots and every sample, as a session",
            "  hourglass roofline --kept               what was measured last, and when",
            "  hourglass roofline --json | jq '.ridge_points'",
            "  hourglass sql DIR \"SELECT name, value, unit, percent_of_peak FROM ceiling\""
        })
final class RooflineCommand implements Callable<Integer> {
    @Option(
            names = "--device",
            paramLabel = "NAME",
            description = "auto, cpu, gpu, gpu:N or all. Default: auto, the first GPU or else the processor.")
    private String device = "auto";

    @Option(names = "--quick", description = "Only what ceilings need: no sweep over threads and sizes; some 10 s.")
    private boolean quick;

    @Option(names = "--kept", description = "Show what was measured last instead of measuring.")
    private boolean kept;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            description = "Also make a session there: every sample, report.html, report.md with plots, roofline.json.")
    private @Nullable Path output;

    @Option(names = "--force", description = "Replace a session that stands there.")
    private boolean force;

    @Option(names = "--json", description = "JSON: ceilings, ridge_points, not_measured.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        List<String> devices = Devices.present(device);
        if (kept) {
            return show(devices.stream().map(RooflineCommand::kept).toList());
        }
        List<Measured> measured = new ArrayList<>();
        List<RooflineReport> reports = new ArrayList<>();
        for (String each : devices) {
            Measured of = measure(each);
            measured.add(of);
            reports.add(new RooflineReport(each, of));
        }
        if (output != null) {
            Path place = output.toAbsolutePath();
            Benchmarks.session(place, force, measured, directory -> write(directory, reports));
            if (!json) {
                System.err.println("Session: " + SessionPlace.shown(place));
            }
        }
        return show(reports);
    }

    private Measured measure(String each) throws IOException {
        Measured of = new Measured();
        BenchJob job = new BenchJob(BenchJob.Kind.CEILINGS, each, quick, 0, List.of(), List.of());
        try (BenchProgress progress = new BenchProgress(each, Output.drawing())) {
            switch (Benchmarks.run(job, of, progress, Interruption::during)) {
                case BenchOutcome.Refused refused -> throw new UserException(refused.reason());
                case BenchOutcome.Crashed crashed ->
                    throw new UserException("measuring " + each + ": " + crashed.how());
                case BenchOutcome.Completed done -> Benchmarks.keep(each, of);
            }
        }
        return of;
    }

    private static RooflineReport kept(String each) {
        Optional<KeptCeilings> last = KeptCeilings.read(each);
        KeptCeilings found = last.orElseThrow(() -> new UserException(
                "no ceilings of " + each + " are kept; measure them with `hourglass roofline --device " + each + "`"));
        System.err.println(each + ": measured " + found.age()
                + (KeptCeilings.valid(each).isPresent()
                        ? ""
                        : "; no longer valid, because the machine has changed since"));
        return new RooflineReport(found);
    }

    private int show(List<RooflineReport> reports) {
        if (json) {
            Output.data(BenchJson.of(reports));
        } else {
            reports.forEach(report -> System.out.print(TextReport.blocks(report.blocks(), Terminal.width())));
        }
        return 0;
    }

    private static void write(Path directory, List<RooflineReport> reports) throws IOException {
        SessionLayout layout = new SessionLayout(directory);
        List<Report> all = reports.stream().map(RooflineReport::report).toList();
        List<Section> sections =
                all.stream().flatMap(r -> r.sections().stream()).toList();
        Report first = all.getFirst();
        Report report = new Report("Roofline", first.context(), first.headline(), sections);
        HtmlReport.write(report, layout.reportHtml());
        MarkdownReport.write(report, layout.reportMarkdown());
        WholeFile.write(directory.resolve("roofline.json"), BenchJson.of(reports));
    }
}
