package dev.hourglass.app.cli;

import dev.hourglass.core.analysis.RunSamples;
import dev.hourglass.core.analysis.StageTime;
import dev.hourglass.core.report.SamplesJson;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `hourglass baseline save SESSION [NAME]`, `hourglass baseline list`.
@Command(
        name = "baseline",
        mixinStandardHelpOptions = true,
        description = {
            "Keep what a comparison needs of a session under a name, and list what is kept.",
            "`hourglass compare NAME CANDIDATE` compares with it, even when its session is gone."
        },
        subcommands = {BaselineCommand.Save.class, BaselineCommand.ListAll.class})
final class BaselineCommand implements Callable<Integer> {

    @Override
    public Integer call() {
        throw new UserException("say `hourglass baseline save SESSION [NAME]` or `hourglass baseline list`");
    }

    private static String steps(RunSamples samples) {
        return StageTime.stepsOf(samples.tTokenUs().size(), samples.stage());
    }

    @Command(name = "save", mixinStandardHelpOptions = true, description = "Keep a session's steps under a name.")
    static final class Save implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "SESSION", description = "Session directory or trace.")
        private String session = "";

        @Parameters(
                index = "1",
                arity = "0..1",
                paramLabel = "NAME",
                description = "Its name; the session's if not given.")
        private @Nullable String name;

        @Option(
                names = "--stage",
                paramLabel = "NAME",
                description = "Keep the steps of this stage; decode if not given, else that which takes most time.")
        private String stage = "";

        @Override
        public Integer call() throws IOException {
            RunSamples samples = Runs.read(session, stage);
            if (!stage.isEmpty() && !samples.stage().equals(stage)) {
                throw new UserException(Terminal.plain(
                        samples.name() + " has no steps of " + stage + "; it has steps of " + samples.stage()));
            }
            String kept = name == null ? samples.name() : name;
            Files.createDirectories(Runs.baselines());
            SamplesJson.write(
                    new RunSamples(
                            kept, samples.stage(), samples.tTokenUs(), samples.componentsUs(), samples.kernels()),
                    Runs.baseline(kept));
            System.out.println("kept " + steps(samples) + " as " + kept);
            return 0;
        }
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "List what is kept.")
    static final class ListAll implements Callable<Integer> {
        @Override
        public Integer call() throws IOException {
            if (Runs.baselineNames().isEmpty()) {
                System.out.println("nothing is kept yet: hourglass baseline save SESSION [NAME]");
            }
            for (String kept : Runs.baselineNames()) {
                RunSamples samples = Runs.stored(kept);
                double mean = samples.tTokenUs().stream()
                        .mapToDouble(Double::doubleValue)
                        .average()
                        .orElse(0);
                System.out.printf("%-30s %s, mean %s%n", kept, steps(samples), Format.value(mean, Unit.MICROSECONDS));
            }
            return 0;
        }
    }
}
