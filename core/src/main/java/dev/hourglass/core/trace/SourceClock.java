package dev.hourglass.core.trace;

import java.util.Locale;
import java.util.OptionalLong;

/// How the times of a source were laid on the trace clock.
///
/// @param base what its times count from
/// @param offsetNs what was added to them
/// @param method how the offset was found
/// @param residualNs how far they may still be off; empty where that is not known
public record SourceClock(Base base, long offsetNs, Method method, OptionalLong residualNs) {

    /// What times count from.
    public enum Base {
        /// 1970-01-01, leap seconds not counted.
        UNIX,
        /// Start of the recorded machine (CLOCK_MONOTONIC).
        MONOTONIC,
        /// A moment that only the source knows, often its own start.
        RELATIVE,
        /// The source has no times.
        NONE;

        /// The word in `source.time_base`.
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// How an offset was found.
    public enum Method {
        /// The source states the moment that its times count from.
        BASE_TIME,
        /// A moment that the source states elsewhere, for example in a file name.
        ANCHOR,
        /// Annotations that two sources share.
        ANNOTATION,
        /// Device work that two sources recorded under the same numbers.
        CORRELATION,
        /// The user gave it.
        DECLARED,
        /// The source has no statement; its first time was laid on another source's first time.
        ASSUMED,
        /// There is nothing to align.
        NONE,
        /// It could not be aligned and stays on its own time.
        UNALIGNED;

        /// The word in `source.align_method`.
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// A source whose times are Unix time, exact to its own resolution.
    public static SourceClock unix(long residualNs) {
        return new SourceClock(Base.UNIX, 0, Method.BASE_TIME, OptionalLong.of(residualNs));
    }

    /// A source without times.
    public static SourceClock none() {
        return new SourceClock(Base.NONE, 0, Method.NONE, OptionalLong.empty());
    }

    /// A source that counts from its own start and does not say when that was.
    public static SourceClock unaligned() {
        return new SourceClock(Base.RELATIVE, 0, Method.UNALIGNED, OptionalLong.empty());
    }
}
