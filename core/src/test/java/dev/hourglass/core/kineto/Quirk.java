package dev.hourglass.core.kineto;

/// A way in which real files differ from the plain form, or damage that a reader must count.
public enum Quirk {
    /// Process and thread numbers, correlations and the like are texts.
    STRING_IDS,
    /// The file is a list of events without an object around it.
    BARE,
    /// The object has no members but the events: no base of times, no device table.
    NO_METADATA,
    /// The members of the object stand behind the events.
    LATE_METADATA,
    /// Events stand in no order.
    SHUFFLED,
    /// No white space between the tokens.
    COMPACT,
    /// Some members stand twice; the last one counts.
    DUPLICATE_KEYS,
    /// Some device work carries no correlation.
    NO_CORRELATION,
    /// Kernels of one stream begin before their predecessor has ended.
    STREAM_OVERLAP,
    /// NaN and infinite arguments.
    NOT_FINITE,
    /// Control bytes and invalid UTF-8 in names.
    DIRTY_NAMES,
    /// Events that are no JSON, have no phase or no time, run backwards, or end what never began.
    BROKEN_EVENTS
}
