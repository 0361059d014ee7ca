package dev.hourglass.core.model;

import java.util.regex.Pattern;

/// A model description that cannot be used; the message names the file, the place and what was
/// expected there.
public final class ModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\u0080-\\u009f\\u2028\\u2029]");

    public ModelException(String message) {
        super(oneLine(message));
    }

    public ModelException(String message, Throwable cause) {
        super(oneLine(message), cause);
    }

    public ModelException(String source, long offset, String expected) {
        super(oneLine(source + ": at byte " + offset + ": expected " + expected));
    }

    /// Whatever a file calls its keys and values, what is said of it is one line.
    private static String oneLine(String message) {
        return CONTROL.matcher(message).replaceAll("\uFFFD");
    }
}
