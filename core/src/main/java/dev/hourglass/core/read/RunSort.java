package dev.hourglass.core.read;

import java.util.Arrays;

/// Sorts numbers by merging the runs that are in order already: traces consist of few of them per
/// track. Stable.
public final class RunSort {
    /// Whether one number belongs before another.
    @FunctionalInterface
    public interface Order {
        boolean before(int a, int b);
    }

    private RunSort() {}

    /// Sorts `numbers[from, to)`.
    public static void sort(int[] numbers, int from, int to, Order order) {
        int[] runs = new int[16];
        int count = 0;
        for (int i = from; i < to; ) {
            int j = i + 1;
            while (j < to && !order.before(numbers[j], numbers[j - 1])) {
                j++;
            }
            if (count == runs.length) {
                runs = Arrays.copyOf(runs, count * 2);
            }
            runs[count++] = i;
            i = j;
        }
        int[] spare = count < 2 ? runs : new int[to - from];
        while (count > 1) {
            int kept = 0;
            for (int r = 0; r < count; r += 2) {
                int start = runs[r];
                if (r + 1 < count) {
                    merge(numbers, start, runs[r + 1], r + 2 < count ? runs[r + 2] : to, spare, order);
                }
                runs[kept++] = start;
            }
            count = kept;
        }
    }

    private static void merge(int[] numbers, int from, int middle, int to, int[] spare, Order order) {
        int left = middle - from;
        System.arraycopy(numbers, from, spare, 0, left);
        int i = 0;
        int j = middle;
        int k = from;
        while (i < left && j < to) {
            numbers[k++] = order.before(numbers[j], spare[i]) ? numbers[j++] : spare[i++];
        }
        System.arraycopy(spare, i, numbers, k, left - i);
    }
}
