package dev.hourglass.core.ingest;

import dev.hourglass.core.stat.Quantile;
import dev.hourglass.core.trace.Moments;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// How far apart two clocks are, judged by events that both of them saw.
///
/// Every event of one source is paired with every event of the other that has its name; the true
/// offset is the difference on which most pairs agree. The tightest of three windows in which at least
/// half of the shared events agree decides, so jitter costs precision and missing events cost nothing;
/// the offset is the median of the differences inside it and the residual 1.4826 times their median
/// absolute deviation, which is one standard deviation where they scatter normally.
///
/// It refuses where fewer than three events agree, where no window holds half of them, and where
/// another offset fits almost as well: steps of the same length look alike one step later.
final class ClockMatch {
    /// Agreement farther apart than this is none.
    static final long MOST_APART_NS = 1_000_000;

    /// How far apart two moments may be to agree; the first in which enough do decides.
    private static final long[] WINDOWS_NS = {10_000, 100_000, MOST_APART_NS};
    /// Clocks that count from 1970 and from the start of a machine are less far apart, and what is compared with this
    /// still fits 64 bits.
    private static final long MOST_DIFFERENCE_NS = -Moments.EARLIEST;
    /// Fewer events that agree tell nothing.
    private static final int FEWEST_MATCHES = 3;
    /// Pairs of events that are compared; the names of most events are left out beyond.
    private static final int MOST_PAIRS = 500_000;
    /// Where a name is frequent, occurrences are paired that are at most so far apart in order.
    private static final int MOST_PLACES_APART = 64;

    /// Standard deviations of what scatters normally in its median absolute deviation.
    private static final double DEVIATIONS_PER_MEDIAN_DEVIATION = 1.4826;

    private ClockMatch() {}

    /// What the events say.
    sealed interface Answer permits Found, Refused {}

    /// @param offsetNs to be added to the own times
    /// @param residualNs spread of the differences: how far a single event may be off
    /// @param matches events that agree
    /// @param shared events that could have agreed
    record Found(long offsetNs, long residualNs, int matches, int shared) implements Answer {}

    /// @param why in words that follow "not aligned: "
    /// @param shared events that could have agreed
    record Refused(String why, int shared) implements Answer {}

    private record Pair(long difference, int own, int other) {}

    /// Pairs that lie within one window.
    ///
    /// @param from first of them, in order of difference
    /// @param to behind the last
    /// @param matches events of either side that take part, the smaller number
    private record Cluster(int from, int to, int matches) {}

    /// @param own times per name, rising
    /// @param other the same of the source whose clock is known
    static Answer of(Map<String, long[]> own, Map<String, long[]> other) {
        List<String> names = own.keySet().stream()
                .filter(other::containsKey)
                .sorted(Comparator.comparingLong((String name) -> pairs(own, other, name))
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
        List<Pair> pairs = new ArrayList<>();
        int shared = 0;
        int ownBase = 0;
        int otherBase = 0;
        for (String name : names) {
            long[] a = times(own, name);
            long[] b = times(other, name);
            if (pairs.size() + pairs(own, other, name) > MOST_PAIRS && !pairs.isEmpty()) {
                break;
            }
            pair(a, ownBase, b, otherBase, pairs);
            shared += Math.min(a.length, b.length);
            ownBase += a.length;
            otherBase += b.length;
        }
        if (shared < FEWEST_MATCHES) {
            return new Refused(
                    shared == 0
                            ? "no annotation occurs in both"
                            : "only " + shared + (shared == 1 ? " annotation occurs" : " annotations occur")
                                    + " in both, three are the least",
                    shared);
        }
        pairs.sort(Comparator.comparingLong(Pair::difference));
        return decide(pairs, ownBase, otherBase, shared);
    }

    private static long[] times(Map<String, long[]> of, String name) {
        return of.getOrDefault(name, new long[0]);
    }

    private static int band(long[] a, long[] b) {
        boolean few = (long) a.length * b.length <= MOST_PAIRS / 4;
        return few ? Math.max(a.length, b.length) : Math.abs(a.length - b.length) + MOST_PLACES_APART;
    }

    private static long pairs(Map<String, long[]> own, Map<String, long[]> other, String name) {
        long[] a = times(own, name);
        long[] b = times(other, name);
        return Math.min((long) a.length * b.length, a.length * (2L * band(a, b) + 1));
    }

    private static void pair(long[] a, int ownBase, long[] b, int otherBase, List<Pair> pairs) {
        int band = band(a, b);
        for (int i = 0; i < a.length; i++) {
            for (int j = Math.max(0, i - band); j < Math.min(b.length, i + band + 1); j++) {
                if (Moments.apart(a[i], b[j]) <= MOST_DIFFERENCE_NS) {
                    pairs.add(new Pair(b[j] - a[i], ownBase + i, otherBase + j));
                }
            }
        }
    }

    private static Answer decide(List<Pair> pairs, int owns, int others, int shared) {
        int most = 0;
        for (long window : WINDOWS_NS) {
            Cluster best = densest(pairs, window, owns, others);
            most = Math.max(most, best.matches());
            if (best.matches() >= FEWEST_MATCHES && 2 * best.matches() >= shared) {
                return unlessRivalled(pairs, window, best, owns, others, shared);
            }
        }
        return new Refused(
                "at best " + most + " of " + shared
                        + " shared annotations agree on an offset to within 1 ms, half of them and three are the least",
                shared);
    }

    private static Answer unlessRivalled(
            List<Pair> pairs, long window, Cluster best, int owns, int others, int shared) {
        long low = pairs.get(best.from()).difference() - window;
        long high = pairs.get(best.to() - 1).difference() + window;
        List<Pair> elsewhere = pairs.stream()
                .filter(pair -> pair.difference() < low || pair.difference() > high)
                .toList();
        Cluster rival = densest(elsewhere, window, owns, others);
        if (rival.matches() >= 2 && rival.matches() >= best.matches() - Math.max(1, best.matches() / 10)) {
            long apart = Math.abs(
                    Quantile.median(differences(elsewhere, rival)) - Quantile.median(differences(pairs, best)));
            return new Refused(
                    "two offsets " + apart + " ns apart fit almost equally well (" + best.matches() + " and "
                            + rival.matches() + " of " + shared + " shared annotations)",
                    shared);
        }
        long[] differences = differences(pairs, best);
        long median = Quantile.median(differences);
        long[] off = Arrays.stream(differences)
                .map(d -> Math.abs(d - median))
                .sorted()
                .toArray();
        return new Found(
                median,
                Math.round(Math.ceil(DEVIATIONS_PER_MEDIAN_DEVIATION * Quantile.median(off))),
                best.matches(),
                shared);
    }

    /// The window with the most events; they count once each, however many pairs they are in.
    private static Cluster densest(List<Pair> pairs, long window, int owns, int others) {
        Distinct own = new Distinct(owns);
        Distinct other = new Distinct(others);
        Cluster best = new Cluster(0, 0, 0);
        int from = 0;
        for (int to = 0; to < pairs.size(); to++) {
            Pair entering = pairs.get(to);
            own.add(entering.own());
            other.add(entering.other());
            while (entering.difference() - pairs.get(from).difference() > window) {
                own.remove(pairs.get(from).own());
                other.remove(pairs.get(from).other());
                from++;
            }
            int matches = Math.min(own.size, other.size);
            if (matches > best.matches()) {
                best = new Cluster(from, to + 1, matches);
            }
        }
        return best;
    }

    private static long[] differences(List<Pair> sorted, Cluster cluster) {
        return sorted.subList(cluster.from(), cluster.to()).stream()
                .mapToLong(Pair::difference)
                .toArray();
    }

    /// Numbers that are there at least once.
    private static final class Distinct {
        private final int[] counts;
        private int size;

        Distinct(int numbers) {
            counts = new int[numbers];
        }

        void add(int number) {
            size += counts[number]++ == 0 ? 1 : 0;
        }

        void remove(int number) {
            size -= --counts[number] == 0 ? 1 : 0;
        }
    }
}
