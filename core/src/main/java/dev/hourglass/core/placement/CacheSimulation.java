package dev.hourglass.core.placement;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/// What a memory with room for some experts holds of a sequence of uses. Each takes a few nanoseconds: lists of
/// links and a set of bits, no objects.
public final class CacheSimulation {
    private static final int NEVER = Integer.MAX_VALUE;

    private final int[] uses;
    private final int universe;
    private final int perLayer;

    /// @param uses experts in the order of their use, each as `layer · perLayer + expert`
    /// @param layers how many there are
    /// @param perLayer experts of a layer
    public CacheSimulation(int[] uses, int layers, int perLayer) {
        this.uses = uses.clone();
        this.universe = layers * perLayer;
        this.perLayer = perLayer;
    }

    /// Which uses find their expert there.
    ///
    /// @param capacity experts that there is room for
    public boolean[] hits(CachePolicy policy, int capacity) {
        if (capacity <= 0) {
            return new boolean[uses.length];
        }
        return switch (policy) {
            case PIN, EVEN, LAYERS -> fixed(chosen(policy, capacity, uses.length));
            case LRU -> lru(capacity);
            case LFU -> lfu(capacity);
            case BELADY -> belady(capacity);
        };
    }

    /// Which experts a fixed placement keeps.
    ///
    /// @param seen how many of the uses it knows
    public boolean[] chosen(CachePolicy policy, int capacity, int seen) {
        boolean[] kept = new boolean[universe];
        if (policy == CachePolicy.LAYERS) {
            Arrays.fill(kept, universe - Math.min(universe, capacity / perLayer * perLayer), universe, true);
            return kept;
        }
        long[] counts = new long[universe];
        for (int i = 0; i < seen; i++) {
            counts[uses[i]]++;
        }
        if (policy == CachePolicy.PIN) {
            keep(kept, counts, 0, universe, capacity);
        } else {
            for (int from = 0; from < universe; from += perLayer) {
                keep(kept, counts, from, from + perLayer, capacity / (universe / perLayer));
            }
        }
        return kept;
    }

    /// Those that were used most, of equals the first.
    private static void keep(boolean[] kept, long[] counts, int from, int to, int most) {
        IntStream.range(from, to)
                .boxed()
                .sorted(Comparator.comparingLong((Integer e) -> -counts[e]))
                .limit(most)
                .forEach(e -> kept[e] = true);
    }

    /// Which uses a fixed placement serves.
    public boolean[] fixed(boolean[] kept) {
        boolean[] hits = new boolean[uses.length];
        for (int i = 0; i < uses.length; i++) {
            hits[i] = kept[uses[i]];
        }
        return hits;
    }

    /// A list of links; the universe itself is both ends.
    private boolean[] lru(int capacity) {
        boolean[] hits = new boolean[uses.length];
        int[] next = new int[universe + 1];
        int[] before = new int[universe + 1];
        boolean[] inside = new boolean[universe];
        next[universe] = universe;
        before[universe] = universe;
        int size = 0;
        for (int i = 0; i < uses.length; i++) {
            int e = uses[i];
            if (inside[e]) {
                hits[i] = true;
                unlink(e, next, before);
            } else {
                if (size == capacity) {
                    int last = before[universe];
                    unlink(last, next, before);
                    inside[last] = false;
                } else {
                    size++;
                }
                inside[e] = true;
            }
            link(e, universe, next, before);
        }
        return hits;
    }

    private static void unlink(int e, int[] next, int[] before) {
        next[before[e]] = next[e];
        before[next[e]] = before[e];
    }

    /// Behind `head`.
    private static void link(int e, int head, int[] next, int[] before) {
        next[e] = next[head];
        before[e] = head;
        before[next[head]] = e;
        next[head] = e;
    }

    /// One list for each count; a count beyond the last list shares that one.
    private boolean[] lfu(int capacity) {
        boolean[] hits = new boolean[uses.length];
        int most = uses.length + 1;
        int[] next = new int[universe + most + 1];
        int[] before = new int[universe + most + 1];
        for (int head = universe; head < next.length; head++) {
            next[head] = head;
            before[head] = head;
        }
        int[] count = new int[universe];
        int size = 0;
        int least = 1;
        for (int i = 0; i < uses.length; i++) {
            int e = uses[i];
            if (count[e] > 0) {
                hits[i] = true;
                unlink(e, next, before);
                if (count[e] == least && next[universe + least] == universe + least) {
                    least++;
                }
                count[e]++;
            } else {
                if (size == capacity) {
                    int last = before[universe + least];
                    unlink(last, next, before);
                    count[last] = 0;
                } else {
                    size++;
                }
                count[e] = 1;
                least = 1;
            }
            link(e, universe + count[e], next, before);
        }
        return hits;
    }

    /// The future as a set of the times at which what is inside is used next: the greatest makes room.
    private boolean[] belady(int capacity) {
        int n = uses.length;
        int[] nextUse = nextUses();
        boolean[] hits = new boolean[n];
        Moments times = new Moments(n);
        boolean[] inside = new boolean[universe];
        int size = 0;
        for (int i = 0; i < n; i++) {
            int e = uses[i];
            int again = nextUse[i];
            if (inside[e]) {
                hits[i] = true;
                times.clear(i);
                size--;
            }
            inside[e] = false;
            if (again == NEVER) {
                continue;
            }
            if (size == capacity) {
                int latest = times.greatest();
                if (latest < again) {
                    continue;
                }
                times.clear(latest);
                inside[uses[latest]] = false;
                size--;
            }
            times.set(again);
            inside[e] = true;
            size++;
        }
        return hits;
    }

    private int[] nextUses() {
        int[] nextUse = new int[uses.length];
        int[] seen = new int[universe];
        Arrays.fill(seen, NEVER);
        for (int i = uses.length - 1; i >= 0; i--) {
            nextUse[i] = seen[uses[i]];
            seen[uses[i]] = i;
        }
        return nextUse;
    }

    /// A set of numbers that knows its greatest: words of 64 bits, and above each 64 of them one that tells which
    /// are not empty.
    private static final class Moments {
        private static final int BITS = 6;
        private final long[][] levels;

        Moments(int n) {
            int depth = 1;
            while ((long) n >> (BITS * depth) > 0) {
                depth++;
            }
            levels = new long[depth][];
            for (int level = 0; level < depth; level++) {
                levels[level] = new long[(n >> (BITS * (level + 1))) + 1];
            }
        }

        void set(int value) {
            int at = value;
            for (long[] level : levels) {
                level[at >> BITS] |= 1L << at;
                at >>= BITS;
            }
        }

        void clear(int value) {
            int at = value;
            for (long[] level : levels) {
                level[at >> BITS] &= ~(1L << at);
                if (level[at >> BITS] != 0) {
                    return;
                }
                at >>= BITS;
            }
        }

        /// Of a set that is not empty.
        int greatest() {
            int at = 0;
            for (int level = levels.length - 1; level >= 0; level--) {
                at = (at << BITS) | (Long.SIZE - 1 - Long.numberOfLeadingZeros(levels[level][at]));
            }
            return at;
        }
    }
}
