package dev.hourglass.device.bench;

import java.io.Serial;

/// A shape that a device cannot run; the message says why, in one line for the user.
public final class ImpossibleShapeException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    public ImpossibleShapeException(String message) {
        super(message);
    }
}
