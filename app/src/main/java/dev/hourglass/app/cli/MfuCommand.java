package dev.hourglass.app.cli;

import dev.hourglass.core.cost.Peaks;
import dev.hourglass.core.cost.StepCosts;
import dev.hourglass.core.cost.TimedSteps;
import dev.hourglass.core.document.TextReport;
import dev.hourglass.core.hardware.DeviceSpec;
import dev.hourglass.core.model.Model;
import dev.hourglass.core.model.checkpoint.ModelReader;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.SqlText;
import dev.hourglass.core.report.UtilizationReport;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.WritableSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `hourglass mfu SESSION --model CONFIG`.
@Command(
        name = "mfu",
        mixinStandardHelpOptions = true,
        description = {
            "What share of the machine's peaks a recorded run reaches: MFU and MBU, prefill and decode apart.",
            "Writes the model's cost per operator into the session (tables op_cost, step_work), so that more is SQL."
        },
        footer = {
            "",
            "Peaks: a ceiling measured in the session first, the data sheet of --device",
            "second. A share above 1 is an error: then model, device or work are not those",
            "of the recording.",
            "",
            "Examples:",
            "  hourglass mfu SESSION --model config.json            a profiled run",
            "  hourglass mfu SESSION --model DIR --device h100-sxm  an imported GPU trace",
            "  hourglass mfu SESSION --model DIR --device h200 --batch 8 --prompt 512",
            "      --context 512                        where the trace tells neither",
            "  hourglass sql SESSION \"SELECT part, sum(flops) FROM op_cost GROUP BY part\""
        })
final class MfuCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "SESSION", description = "Session directory.")
    private Path directory = Path.of(".");

    @Option(
            names = "--model",
            required = true,
            paramLabel = "MODEL",
            description = "config.json, a directory that holds one, or a GGUF file, of the model that ran.")
    private Path config = Path.of(".");

    @Option(
            names = "--device",
            paramLabel = "NAME",
            description = {
                "Where it ran: " + Devices.DESCRIPTION,
                "Default: the GPU or the processor that the session names."
            })
    private String device = "";

    @Mixin
    private final StepWork work = new StepWork();

    @Override
    public Integer call() throws IOException {
        Model model = ModelReader.read(config);
        SessionLayout layout = new SessionLayout(directory);
        if (!layout.isSession()) {
            throw new UserException(directory + " is not a session: it has no session.duckdb");
        }
        try (WritableSession place = WritableSession.of(layout)) {
            assess(place.layout(), model);
            if (!place.keeps()) {
                System.err.println("hourglass: the costs are not kept, because nothing can be written to "
                        + Terminal.plain(directory.toString()));
            }
        }
        return 0;
    }

    private void assess(SessionLayout layout, Model model) throws IOException {
        TimedSteps steps;
        Peaks peaks;
        try (Session session = Session.open(layout.directory())) {
            checkLayers(session, model);
            steps = TimedSteps.of(session, work.given());
            peaks = Peaks.of(session, told());
        }
        refuseUnknown(steps, peaks);
        StepCosts.write(layout, model, peaks, steps);
        Optional<String> impossible;
        try (Session session = Session.open(layout.directory())) {
            impossible = UtilizationReport.impossible(session);
        }
        if (impossible.isPresent()) {
            StepCosts.clear(layout);
            throw new UserException(impossible.get());
        }
        try (Session session = Session.open(layout.directory())) {
            System.out.print(TextReport.blocks(UtilizationReport.blocks(session, peaks, steps), Terminal.width()));
        }
    }

    private Optional<DeviceSpec> told() {
        return device.isEmpty() ? Optional.empty() : Optional.of(Devices.find(device));
    }

    /// A run of fewer layers than the configuration has is another model.
    private static void checkLayers(Session session, Model model) {
        fact(session, "model.layers").filter(told -> told.matches("\\d{1,6}")).ifPresent(told -> {
            if (Integer.parseInt(told) != model.layers()) {
                throw new UserException(
                        "the session ran a model of " + told + " layers, " + model.source() + " has " + model.layers());
            }
        });
    }

    private static Optional<String> fact(Session session, String name) {
        Rows rows = session.query(VerbQueries.text("fact", "name", SqlText.literal(name)));
        return rows.size() == 0 ? Optional.empty() : Optional.of(rows.text(0, "value", ""));
    }

    private void refuseUnknown(TimedSteps steps, Peaks peaks) {
        if (steps.steps().isEmpty()) {
            throw new UserException(
                    steps.missing().isEmpty()
                            ? directory + " holds no timed prefill or decode steps (tables token, step, stage)"
                            : "the recording does not tell " + String.join(", nor ", steps.missing())
                                    + "; give it on the command line");
        }
        if (peaks.bandwidth().isEmpty() && peaks.flops("bf16").isEmpty()) {
            throw new UserException("no peak to hold the run against: the session has no measured ceiling, and "
                    + (peaks.named().isEmpty()
                            ? "names no device"
                            : "'" + peaks.named() + "' is not in the device table")
                    + "; name one with --device");
        }
    }
}
