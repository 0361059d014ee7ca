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

    /// The same for as long as something lasts.
    static Lasting during(Runnable stop) {
        Thread hook = new Thread(() -> waitForVerb(stop), "interruption");
        Runtime.getRuntime().addShutdownHook(hook);
        return () -> {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException ending) {
                // The process was asked to end: the hook runs, and waits for the verb.
                return;
            }
        };
    }

    /// Something that lasts until it is closed.
    interface Lasting extends AutoCloseable {
        @Override
        void close();
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
