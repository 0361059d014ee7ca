package dev.hourglass.app.cli;

import dev.hourglass.app.record.ProbeEnvironment;
import dev.hourglass.app.record.VariableFormat;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `hourglass probe`: the probe inside Python engines, where `run` cannot start them.
@Command(
        name = "probe",
        mixinStandardHelpOptions = true,
        description = "The probe inside Python engines, for engines that `hourglass run` cannot start.",
        subcommands = ProbeCommand.Env.class,
        footer = {
            "",
            "Examples:",
            "  eval \"$(hourglass probe env --dir /tmp/records)\" && vllm serve MODEL",
            "  hourglass probe env --format docker                   for docker run",
            "  hourglass collect /tmp/records -o SESSION             afterwards"
        })
final class ProbeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "say `probe env`");
    }

    /// `hourglass probe env`.
    @Command(
            name = "env",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description = {
                "Print the variables that load the probe into a Python engine.",
                "They do nothing to other programs. The probe's directory must be readable where the engine runs: in a"
                        + " container, mount it under the same path."
            })
    static final class Env implements Callable<Integer> {
        @Option(
                names = "--dir",
                paramLabel = "DIR",
                defaultValue = "hourglass-records",
                description = "Directory that takes what the engine's processes write down. Default: ${DEFAULT-VALUE}.")
        private Path directory = Path.of("hourglass-records");

        @Option(
                names = "--format",
                paramLabel = "shell|docker|systemd|kubernetes",
                defaultValue = "SHELL",
                description = "How they are written. Default: shell.")
        private VariableFormat format = VariableFormat.SHELL;

        @Mixin
        private ProbeOptions probe = new ProbeOptions();

        @Override
        public Integer call() {
            Map<String, String> variables =
                    ProbeEnvironment.of(Home.probe(), directory, probe.wishes(), System.getenv());
            format.lines(variables).forEach(System.out::println);
            return 0;
        }
    }
}
