package dev.hourglass.core.trace;

/// Input that cannot be read at all. A single bad record is counted instead, see [Tables#IMPORT_STAT].
public final class TraceFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param source the file, as the user named it
    /// @param offset byte position at which the expectation failed
    /// @param expected what should have been there
    public TraceFormatException(String source, long offset, String expected) {
        super(source + ": at byte " + offset + ": expected " + expected);
    }

    private TraceFormatException(String message) {
        super(message);
    }

    /// An input of which not a place is wrong but the whole.
    ///
    /// @param source the file or directory, as the user named it
    /// @param why in words that follow its name, with what to do about it
    public static TraceFormatException ofWhole(String source, String why) {
        return new TraceFormatException(source + ": " + why);
    }
}
