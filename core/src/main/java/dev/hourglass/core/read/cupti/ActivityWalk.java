package dev.hourglass.core.read.cupti;

import java.nio.ByteBuffer;
import java.util.Map;

/// Goes from record to record of a buffer.
final class ActivityWalk {
    /// Receives a record: the buffer with all of its `size` bytes from `at` on.
    @FunctionalInterface
    interface Receiver {
        void take(int kind, ByteBuffer buffer, int at, int size);
    }

    private ActivityWalk() {}

    /// @param sizes bytes of a record by its kind
    /// @return where a record stands whose size is not known or that is cut off; the buffer's limit where there is
    ///     none
    static int over(ByteBuffer buffer, Map<Integer, Integer> sizes, Receiver receiver) {
        int at = 0;
        while (buffer.limit() - at >= ActivityLayout.KIND_BYTES) {
            int kind = buffer.getInt(at);
            int size = sizes.getOrDefault(kind, 0);
            if (size < ActivityLayout.KIND_BYTES || size > buffer.limit() - at) {
                return at;
            }
            receiver.take(kind, buffer, at, size);
            at += size;
        }
        return at;
    }
}
