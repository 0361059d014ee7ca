package dev.hourglass.device.ffi.llama;

/// A native library, a symbol or a call that failed, in one line.
public final class LlamaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LlamaException(String message) {
        super(message);
    }

    LlamaException(String message, Throwable cause) {
        super(message, cause);
    }
}
