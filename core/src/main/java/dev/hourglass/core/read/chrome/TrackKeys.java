package dev.hourglass.core.read.chrome;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// Pairs of process and thread as a trace names them, numbered from 0 in order of first sight.
/// Both are texts of the import's [Dictionary]. Shared by the threads of an import.
public final class TrackKeys {
    private final Map<Long, Integer> numbers = new HashMap<>();
    private long[] keys = new long[64];

    TrackKeys() {}

    synchronized int number(int pid, int tid) {
        long key = ((long) pid << 32) | (tid & 0xFFFFFFFFL);
        Integer known = numbers.get(key);
        if (known != null) {
            return known;
        }
        int fresh = numbers.size();
        if (fresh == keys.length) {
            keys = Arrays.copyOf(keys, fresh * 2);
        }
        keys[fresh] = key;
        numbers.put(key, fresh);
        return fresh;
    }

    synchronized int size() {
        return numbers.size();
    }

    /// The text of the process, [Segment#NO_TEXT] where an event named none.
    synchronized int pid(int number) {
        return (int) (keys[number] >> 32);
    }

    /// The text of the thread, [Segment#NO_TEXT] where an event named none.
    synchronized int tid(int number) {
        return (int) keys[number];
    }

    /// A view for one thread that remembers what it met last.
    final class Local {
        private static final int SLOTS = 256;
        private final long[] seen = new long[SLOTS];
        private final int[] known = new int[SLOTS];

        Local() {
            Arrays.fill(known, -1);
        }

        int number(int pid, int tid) {
            long key = ((long) pid << 32) | (tid & 0xFFFFFFFFL);
            int slot = (pid * 31 + tid) & SLOTS - 1;
            if (known[slot] < 0 || seen[slot] != key) {
                known[slot] = TrackKeys.this.number(pid, tid);
                seen[slot] = key;
            }
            return known[slot];
        }
    }
}
