package dev.hourglass.core.store;

/// What was asked for cannot be done as it was asked; the message is one line that says what to do.
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public RefusedException(String message) {
        super(message);
    }
}
