package dev.hourglass.app.cli;

import java.util.concurrent.CompletableFuture;

/// Ctrl-C, or a request to terminate: the verb is asked to finish early, and the process ends with
/// the exit code that the verb then gives.
final class Interruption {
    private static final CompletableFuture<Integer> EXIT_CODE = new CompletableFuture<>();

    private Interruption() {}

    /// Calls `stop`, on a thread of its own, when the process is asked to end before its verb is done.
    static void call(Runnable stop) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> waitForVerb(stop), "interruption"));
    }

    /// The verb is done, and everything that it had to say is printed.
    static void done(int exitCode) {
        EXIT_CODE.complete(exitCode);
    }

    private static void waitForVerb(Runnable stop) {
        if (!EXIT_CODE.isDone()) {
            stop.run();
            Runtime.getRuntime().halt(EXIT_CODE.join());
        }
    }
}
