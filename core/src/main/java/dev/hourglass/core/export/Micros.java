package dev.hourglass.core.export;

import java.util.Locale;

/// Times of Chrome's format.
final class Micros {
    private Micros() {}

    /// Nanoseconds as microseconds with three decimals, exactly.
    static String of(long nanos) {
        long whole = Math.floorDiv(nanos, 1000L);
        long rest = Math.floorMod(nanos, 1000L);
        if (whole < 0 && rest != 0) {
            long positive = -nanos;
            return "-" + positive / 1000 + decimals(positive % 1000);
        }
        return whole + decimals(rest);
    }

    private static String decimals(long thousandths) {
        return thousandths == 0 ? "" : String.format(Locale.ROOT, ".%03d", thousandths);
    }
}
