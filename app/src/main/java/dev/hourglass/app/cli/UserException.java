package dev.hourglass.app.cli;

/// A mistake of the user's: one line that says what, where, and what to do. Exit code 2.
final class UserException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UserException(String message) {
        super(message);
    }
}
