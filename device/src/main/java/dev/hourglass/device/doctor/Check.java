package dev.hourglass.device.doctor;

import java.util.Locale;
import java.util.Optional;

/// One thing that a recording may need, and whether this machine has it.
///
/// @param id dotted, stable, for example `perf.cycles`
/// @param name for people, a few words
/// @param state whether it is there
/// @param detail what was found, or why it is not there: one line without a full stop
/// @param neededFor what is lost without it
/// @param enable how to get it, a command where there is one; empty where it is there or nothing helps
public record Check(String id, String name, State state, String detail, String neededFor, Optional<String> enable) {

    /// Whether something can be used.
    public enum State {
        OK,
        /// Works in part, or makes numbers worse.
        LIMITED,
        UNAVAILABLE;

        /// As it stands in JSON.
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Check ok(String id, String name, String detail, String neededFor) {
        return new Check(id, name, State.OK, detail, neededFor, Optional.empty());
    }

    static Check limited(String id, String name, String detail, String neededFor, Optional<String> enable) {
        return new Check(id, name, State.LIMITED, detail, neededFor, enable);
    }

    static Check unavailable(String id, String name, String detail, String neededFor, Optional<String> enable) {
        return new Check(id, name, State.UNAVAILABLE, detail, neededFor, enable);
    }
}
