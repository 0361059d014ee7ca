package dev.hourglass.core.trace;

/// Which times a session holds. 64 bits of nanoseconds are 292 years either way; of these only so many are
/// possible that the sum and the difference of any two still fit 64 bits.
public final class Moments {
    /// 73 years before what times count from, in nanoseconds.
    public static final long EARLIEST = -(1L << 61);
    /// In the year 2116 of Unix time, in nanoseconds.
    public static final long LATEST = (1L << 62) - 1;

    private Moments() {}

    /// Whether something can have happened then.
    public static boolean isPossible(long ts) {
        return ts >= EARLIEST && ts <= LATEST;
    }

    /// Whether something can have happened then for so long; a negative duration is one that is not known.
    public static boolean isPossible(long ts, long dur) {
        return isPossible(ts) && dur >= EARLIEST && dur <= LATEST - ts;
    }

    /// The sum, or where 64 bits do not hold it what they hold that is nearest to it.
    public static long plus(long a, long b) {
        long sum = a + b;
        boolean over = ((a ^ sum) & (b ^ sum)) < 0;
        return over ? (a < 0 ? Long.MIN_VALUE : Long.MAX_VALUE) : sum;
    }

    /// How long it is from one to the other, in whichever order they stand; at most what 64 bits hold.
    public static long apart(long a, long b) {
        long difference = Math.max(a, b) - Math.min(a, b);
        return difference < 0 ? Long.MAX_VALUE : difference;
    }
}
