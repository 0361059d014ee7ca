package dev.hourglass.app.cli;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Times that are given as a number of seconds.
final class Seconds {
    private static final double NS_PER_S = 1e9;

    private Seconds() {}

    /// @param given empty for none
    static Optional<Duration> of(String option, @Nullable Double given) {
        if (given != null && !(given > 0 && given < Integer.MAX_VALUE)) {
            throw new UserException(option + " is a number of seconds above 0, not " + given);
        }
        return Optional.ofNullable(given).map(seconds -> Duration.ofNanos((long) (seconds * NS_PER_S)));
    }
}
