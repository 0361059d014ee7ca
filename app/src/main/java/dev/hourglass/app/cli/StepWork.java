package dev.hourglass.app.cli;

import dev.hourglass.core.cost.TimedSteps;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Options that say what a step works on where the recording does not tell.
final class StepWork {
    @Option(names = "--batch", paramLabel = "N", description = "Sequences per step, where the recording does not tell.")
    private @Nullable Long batch;

    @Option(names = "--prompt", paramLabel = "N", description = "Tokens per prompt, where the recording does not tell.")
    private @Nullable Long prompt;

    @Option(
            names = "--context",
            paramLabel = "N",
            description = "Cached tokens per sequence in decode, where the recording does not tell.")
    private @Nullable Long context;

    /// What was given on the command line.
    TimedSteps.Given given() {
        return new TimedSteps.Given(
                atLeast("--batch", batch, 1), atLeast("--prompt", prompt, 1), atLeast("--context", context, 0));
    }

    private static OptionalLong atLeast(String option, @Nullable Long value, long least) {
        if (value == null) {
            return OptionalLong.empty();
        }
        if (value < least) {
            throw new UserException(option + " is a whole number from " + least + ", not " + value);
        }
        return OptionalLong.of(value);
    }
}
