package dev.hourglass.core.fuzz;

import dev.hourglass.core.model.ModelException;
import dev.hourglass.core.trace.TraceFormatException;
import java.io.IOException;

/// How an input may be refused.
final class Allowed {
    private Allowed() {}

    /// Throws what is no documented refusal, or one that is no line.
    static void check(Exception e) {
        boolean refusal = e instanceof TraceFormatException || e instanceof ModelException || e instanceof IOException;
        if (!refusal
                || String.valueOf(e.getMessage()).isBlank()
                || e.getMessage().lines().count() > 1) {
            throw e instanceof RuntimeException runtime ? runtime : new IllegalStateException(e);
        }
    }
}
