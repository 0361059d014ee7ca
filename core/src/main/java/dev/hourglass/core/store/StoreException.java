package dev.hourglass.core.store;

/// A session's database could not be written: no room, no permission, a damaged file.
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StoreException(String what, Throwable cause) {
        super(
                what + ": "
                        + String.valueOf(cause.getMessage()).lines().findFirst().orElse("unknown"),
                cause);
    }
}
