package dev.hourglass.core.stat;

import java.util.Arrays;

/// The means of all pairs of samples, each with itself too, in order of size, without a list of them.
///
/// Of n samples there are n (n + 1) / 2; a sorted list of the samples is all that is kept.
///
/// Notes: the k-th mean is the smallest number that at least k means do not exceed. As samples are
/// sorted, the means that do not exceed a number are counted in one pass with two indices (in row i they
/// end where the mean of i and j passes it, and that j only falls as i rises). The number is found by
/// bisection over the `double` values between the least and the largest sample in the order of their
/// bits, so at most 64 passes end at the exact value; ties and equal values need no case of their own.
/// Rounding keeps order (a ≤ b gives fl(a + c) ≤ fl(b + c)), so this is the same value, bit by bit,
/// as sorting all means gives. Johnson and Mizoguchi's selection (SIAM J. Comput. 7(2), 1978) needs fewer
/// passes and much more code. Our own because Commons Statistics has no Hodges–Lehmann estimate.
final class WalshAverages {
    private final double[] sorted;

    /// @param samples at least one, all finite
    WalshAverages(double[] samples) {
        sorted = samples.clone();
        Arrays.sort(sorted);
    }

    /// How many there are.
    long size() {
        return sorted.length * (sorted.length + 1L) / 2;
    }

    /// @param k from 1 to [#size()]
    /// @return the k-th smallest
    double smallest(long k) {
        long low = key(sorted[0]);
        long high = key(sorted[sorted.length - 1]);
        while (low < high) {
            long middle = (low & high) + ((low ^ high) >> 1);
            if (upTo(value(middle)) >= k) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return value(low) + 0.0;
    }

    /// The middle one, or the mean of the two in the middle.
    double median() {
        long n = size();
        double lower = smallest((n + 1) / 2);
        return n % 2 == 1 ? lower : mean(lower, smallest(n / 2 + 1));
    }

    /// How many do not exceed the number.
    private long upTo(double number) {
        long count = 0;
        int j = sorted.length - 1;
        for (int i = 0; i <= j; i++) {
            while (j >= i && mean(sorted[i], sorted[j]) > number) {
                j--;
            }
            count += j - i + 1;
        }
        return count;
    }

    /// Half of the sum, also where the sum itself is too large for a `double`.
    static double mean(double a, double b) {
        double sum = a + b;
        return Double.isInfinite(sum) ? a / 2 + b / 2 : sum / 2;
    }

    /// A whole number for each `double`, in the same order.
    private static long key(double value) {
        long bits = Double.doubleToLongBits(value);
        return bits ^ ((bits >> 63) & Long.MAX_VALUE);
    }

    private static double value(long key) {
        return Double.longBitsToDouble(key ^ ((key >> 63) & Long.MAX_VALUE));
    }
}
