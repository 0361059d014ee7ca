package dev.hourglass.core.read;

import org.jspecify.annotations.Nullable;

/// What a thread ended with, for the thread that waits for it.
public final class Thrown {
    private Thrown() {}

    /// Throws it, if it is there and need not be declared.
    public static void rethrow(@Nullable Throwable thrown) {
        if (thrown instanceof RuntimeException runtime) {
            throw runtime;
        }
        if (thrown instanceof Error error) {
            throw error;
        }
    }
}
