package dev.hourglass.device.ffi.nvml;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/// What a call answered, or why it did not.
public sealed interface Reading<T> {
    /// @param value in the unit that the call says
    record Value<T>(T value) implements Reading<T> {}

    /// @param call the function's name
    /// @param code the library's code
    /// @param reason in the library's words
    record None<T>(String call, int code, String reason) implements Reading<T> {
        /// In a line.
        public String line() {
            return call + ": " + reason + " (" + code + ")";
        }
    }

    /// The value, where there is one.
    default Optional<T> found() {
        return this instanceof Value<T>(T answer) ? Optional.of(answer) : Optional.empty();
    }

    /// Why there is none; empty where there is one.
    default Optional<String> why() {
        return this instanceof None<T> none ? Optional.of(none.line()) : Optional.empty();
    }

    /// The same of something that is made of the value.
    default <R> Reading<R> map(Function<T, R> made) {
        return switch (this) {
            case Value<T>(T answer) -> new Value<>(made.apply(answer));
            case None<T>(String call, int code, String reason) -> new None<>(call, code, reason);
        };
    }

    /// A whole number, where there is one.
    static OptionalLong number(Reading<Long> reading) {
        return reading.found().map(OptionalLong::of).orElse(OptionalLong.empty());
    }
}
