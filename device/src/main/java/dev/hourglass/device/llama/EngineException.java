package dev.hourglass.device.llama;

/// Why the engine or its model cannot be had, in one line that says what to do.
public final class EngineException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public EngineException(String message) {
        super(message);
    }

    public EngineException(String message, Throwable cause) {
        super(message, cause);
    }
}
