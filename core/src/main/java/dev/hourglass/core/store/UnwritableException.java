package dev.hourglass.core.store;

import java.io.IOException;

/// Nothing can be written to a session's directory: no permission, no room, a medium that is only read.
public final class UnwritableException extends IOException {
    private static final long serialVersionUID = 1L;

    public UnwritableException(SessionLayout session, Exception cause) {
        super(session.directory() + " cannot be written to (" + cause.getMessage() + ")", cause);
    }
}
