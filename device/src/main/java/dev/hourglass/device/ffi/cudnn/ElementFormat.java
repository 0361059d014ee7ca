package dev.hourglass.device.ffi.cudnn;

/// Number formats, with the library's codes (`cudnnDataType_t`).
public enum ElementFormat {
    FP32(0),
    FP16(2),
    BF16(9);

    private final int code;

    ElementFormat(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
