package dev.hourglass.core.analysis;

import dev.hourglass.core.unit.Distribution;
import java.util.List;
import java.util.OptionalDouble;

/// What passes from one step of a stage to the next: for a token, from token to token.
///
/// @param time distribution over the judged steps, in microseconds
/// @param each every one of them, in order of time
/// @param told what it is
/// @param usualUs mean of those that are usual, of which the parts of a stage are the parts
/// @param usual how many are usual; the others are much longer and stand for themselves
/// @param tokensPerSecond tokens of the whole batch; empty where the recording does not tell its tokens
/// @param interrupted steps behind one of the same stage with a step of another stage between the two
/// @param interruptedUs mean time from token to token of these; empty where there are none
public record Period(
        Distribution time,
        List<Double> each,
        Told told,
        double usualUs,
        long usual,
        OptionalDouble tokensPerSecond,
        long interrupted,
        OptionalDouble interruptedUs) {

    /// What a period is, by what the recording tells.
    public enum Told {
        /// From a step of the stage to the next.
        NEXT,
        /// From the step before, which is of another stage.
        OTHER,
        /// Only the wall of a step itself: nothing tells when the one before it was done.
        WALL;

        static Told of(String key) {
            return switch (key) {
                case "next" -> NEXT;
                case "other" -> OTHER;
                default -> WALL;
            };
        }
    }

    public Period {
        each = List.copyOf(each);
    }

    /// Of steps that follow each other without anything between.
    ///
    /// @param tokens of a step; empty where the recording does not tell
    static Period of(Distribution time, List<Double> each, OptionalDouble tokens) {
        return new Period(
                time,
                each,
                Told.NEXT,
                time.mean(),
                time.n(),
                tokens.isPresent() && time.mean() > 0
                        ? OptionalDouble.of(tokens.getAsDouble() * 1e6 / time.mean())
                        : OptionalDouble.empty(),
                0,
                OptionalDouble.empty());
    }

    /// Whether some are much longer than the others, which then stand for themselves.
    public boolean hasOutliers() {
        return usual < time.n();
    }
}
