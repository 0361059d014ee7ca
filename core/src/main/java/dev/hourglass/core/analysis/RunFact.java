package dev.hourglass.core.analysis;

import java.util.Locale;

/// Something about a run that must be the same in both before their times say anything about each other.
///
/// @param kind what a difference means
/// @param what its name, for people
/// @param value as the recording tells it
public record RunFact(Kind kind, String what, String value) {
    /// What a difference means.
    public enum Kind {
        /// The runs did other work: times do not tell which is faster.
        WORK,
        /// What recorded them cost other time.
        RECORDING,
        /// Other work on the machine disturbed the run: `some` or `severe`, `none` where it was watched and quiet.
        DISTURBANCE,
        /// The same work in another way, or on another machine: what a comparison is often for, but to be said.
        SETTING,
        MACHINE;

        /// As it stands in files.
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
