package dev.hourglass.core.read.chrome;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Eight bytes at a time.
final class Bytes {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    private static final long PRIME = 0x9E3779B97F4A7C15L;

    private Bytes() {}

    /// Eight bytes, the first one lowest.
    static long at(byte[] buffer, int position) {
        return (long) LONG.get(buffer, position);
    }

    /// Marks with a high bit each byte that ends or complicates a JSON string: the quote, the
    /// backslash, control bytes, and what is not ASCII. The lowest mark is exact.
    static long special(long word) {
        long quote = word ^ 0x2222222222222222L;
        long backslash = word ^ 0x5C5C5C5C5C5C5C5CL;
        long found =
                (quote - ONES & ~quote) | (backslash - ONES & ~backslash) | (word - 0x2020202020202020L & ~word) | word;
        return found & HIGHS;
    }

    /// Marks with a high bit each quote, bracket or brace. The lowest mark is exact.
    static long structural(long word) {
        long quote = word ^ 0x2222222222222222L;
        // [ ] { } differ from each other in bits 1, 2 and 5 alone
        long open = (word | 0x2020202020202020L) ^ 0x7B7B7B7B7B7B7B7BL;
        long close = (word | 0x2020202020202020L) ^ 0x7D7D7D7D7D7D7D7DL;
        long found = ((quote - ONES) & ~quote) | ((open - ONES) & ~open) | ((close - ONES) & ~close);
        return found & HIGHS;
    }

    /// How many bytes stand before the lowest one that is marked with its high bit; of none, 8.
    static int first(long marks) {
        return (int) (((((marks - 1) & ~marks) & ONES) * ONES) >>> 56) - (marks == 0 ? 0 : 1);
    }

    /// How many digits the eight bytes begin with.
    static int digits(long word) {
        long value = word ^ 0x3030303030303030L;
        long others = (((value & ~HIGHS) + 0x7676767676767676L) | value) & HIGHS;
        return first(others);
    }

    static long mix(long hash, long word) {
        long h = (hash ^ word) * PRIME;
        return h ^ (h >>> 32);
    }

    /// Mixes the last, incomplete word of a text.
    static long finish(long hash, long tail, int bytes) {
        return mix(hash, (tail & ((1L << (8 * bytes)) - 1)) ^ ((long) bytes << 56));
    }

    /// Whether there is nothing but white space.
    static boolean isBlank(byte[] buffer, int from, int to) {
        for (int i = from; i < to; i++) {
            if (buffer[i] < 0 || buffer[i] > ' ') {
                return false;
            }
        }
        return true;
    }

    /// The hash of a text, as the scanner computes it on its way.
    static long hash(byte[] buffer, int from, int to) {
        long hash = 0;
        int i = from;
        for (; i + 8 <= to; i += 8) {
            hash = mix(hash, at(buffer, i));
        }
        long tail = 0;
        for (int k = to - 1; k >= i; k--) {
            tail = (tail << 8) | (buffer[k] & 0xFF);
        }
        return finish(hash, tail, to - i);
    }
}
