package dev.hourglass.device.ffi.cuda;

/// Facts about a device, with the driver's codes for them.
public enum Attribute {
    CLOCK_KHZ(13),
    MULTIPROCESSORS(16),
    MEMORY_CLOCK_KHZ(36),
    MEMORY_BUS_BITS(37),
    L2_BYTES(38),
    COMPUTE_MAJOR(75),
    COMPUTE_MINOR(76);

    /// Of a function: `CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES`.
    static final int FUNCTION_SHARED_BYTES = 8;

    private final int code;

    Attribute(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
