package dev.hourglass.app.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The `hourglass` command.
@Command(
        name = "hourglass",
        mixinStandardHelpOptions = true,
        version = "hourglass 0.1.0",
        description = "Records a run of LLM inference and explains where each token's time goes.",
        synopsisSubcommandLabel = "VERB",
        subcommands = {SqlCommand.class})
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new Main()).execute(args));
    }
}
