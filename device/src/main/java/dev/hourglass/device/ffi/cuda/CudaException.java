package dev.hourglass.device.ffi.cuda;

import java.io.Serial;

/// A call of a CUDA library that failed: which, its code, the library's own text.
public final class CudaException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final int code;

    /// @param call name of the function
    /// @param code what it returned
    /// @param text the library's words for it
    public CudaException(String call, int code, String text) {
        super(call + ": " + text + " (" + code + ")");
        this.code = code;
    }

    public int code() {
        return code;
    }

    /// Whether the device had too little memory.
    public boolean outOfMemory() {
        return code == CudaDriver.OUT_OF_MEMORY;
    }
}
