package dev.hourglass.app.cli;

import dev.hourglass.core.analysis.RunSamples;
import dev.hourglass.core.analysis.StageTime;
import dev.hourglass.core.report.SamplesJson;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `hourglass baseline save SESSION [NAME] [--add]`, `hourglass baseline list`.
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

    private static String steps(List<RunSamples> runs) {
        int steps = runs.stream().mapToInt(run -> run.steps().size()).sum();
        return StageTime.stepsOf(steps, runs.getFirst().stage())
                + (runs.size() == 1 ? "" : " of " + runs.size() + " runs");
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

        @Option(
                names = "--add",
                description = "Add the run to those kept under the name, instead of replacing them: several runs of the"
                        + " same tell how runs scatter.")
        private boolean add;

        @Override
        public Integer call() throws IOException {
            List<RunSamples> added = Runs.read(session, stage);
            RunSamples first = added.getFirst();
            if (!stage.isEmpty() && !first.stage().equals(stage)) {
                throw new UserException(Terminal.plain(
                        first.name() + " has no steps of " + stage + "; it has steps of " + first.stage()));
            }
            String kept = name == null ? first.name() : name;
            List<RunSamples> all = new ArrayList<>(before(kept, first));
            added.forEach(run -> all.add(run.named(kept)));
            Files.createDirectories(Runs.baselines());
            SamplesJson.write(all, Runs.baseline(kept));
            System.out.println("kept " + steps(all) + " as " + kept);
            return 0;
        }

        /// The runs that stay under the name.
        private List<RunSamples> before(String kept, RunSamples run) {
            if (!add || !Files.isRegularFile(Runs.baseline(kept))) {
                return List.of();
            }
            List<RunSamples> before = Runs.stored(kept);
            String has = before.getFirst().stage();
            if (!has.equals(run.stage())) {
                throw new UserException(Terminal.plain(kept + " has steps of " + has + ", " + run.name() + " of "
                        + run.stage() + "; choose with --stage"));
            }
            return before;
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
                List<RunSamples> runs = Runs.stored(kept);
                double mean = runs.stream()
                        .flatMap(run -> run.tTokenUs().stream())
                        .mapToDouble(Double::doubleValue)
                        .average()
                        .orElse(0);
                System.out.printf("%-30s %s, mean %s%n", kept, steps(runs), Format.value(mean, Unit.MICROSECONDS));
            }
            return 0;
        }
    }
}
