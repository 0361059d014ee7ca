package dev.hourglass.app.cli;

import java.io.PrintStream;

/// The top of the help: what Hourglass is for, its verbs, and where to begin.
final class Help {
    private Help() {}

    static int print(PrintStream out) {
        out.println("Hourglass records a run of LLM inference and explains where each token's time goes.");
        out.println();
        out.println("Usage: hourglass VERB [options]      hourglass VERB --help tells a verb's options");
        for (Verb.Group group : Verb.Group.values()) {
            if (Verb.of(group).isEmpty()) {
                continue;
            }
            out.println();
            out.println(group.title() + ":");
            for (Verb verb : Verb.of(group)) {
                out.printf("  %-10s %s%n", verb.word(), verb.summary());
            }
        }
        out.println();
        out.println("Begin with:");
        out.println("  hourglass profile              profile MoE decode on this machine, no model file needed");
        out.println("  hourglass doctor               what can be measured here, and how to enable the rest");
        out.println();
        out.println("Exit codes: 0 done, 1 negative answer or failure, 2 mistake in the command line or its input.");
        return 0;
    }
}
