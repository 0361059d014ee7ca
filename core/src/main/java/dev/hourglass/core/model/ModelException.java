package dev.hourglass.core.model;

/// A model description that cannot be used; the message names the file, the place and what was
/// expected there.
public final class ModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ModelException(String message) {
        super(message);
    }

    public ModelException(String message, Throwable cause) {
        super(message, cause);
    }

    public ModelException(String source, long offset, String expected) {
        super(source + ": at byte " + offset + ": expected " + expected);
    }
}
