package dev.hourglass.device.ffi.library;

import java.lang.foreign.MemorySegment;

/// Text of C.
public final class NativeText {
    private static final int LONGEST = 4096;

    private NativeText() {}

    /// Reads until the first zero byte, at most 4096 bytes.
    ///
    /// @param address of a text that ends with a zero byte
    @SuppressWarnings("restricted")
    public static String of(MemorySegment address) {
        return address.reinterpret(LONGEST).getString(0);
    }
}
