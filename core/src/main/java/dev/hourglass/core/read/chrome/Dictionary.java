package dev.hourglass.core.read.chrome;

import dev.hourglass.core.trace.TextTable;
import java.util.Arrays;

/// Distinct texts of one source, numbered from 0 in order of first sight.
///
/// Texts are told apart by the bytes that the source holds; what is handed out is always valid UTF-8
/// without raw control bytes, see [#isRepaired(int)].
///
/// Shared by the threads of an import; each looks up through its own [Local], which asks the shared
/// part only for texts that it has not met.
public final class Dictionary implements TextTable {
    private static final int FIRST = 1 << 12;

    private long[] hashes = new long[FIRST];
    private int[] ids = new int[FIRST];
    private byte[][] texts = new byte[FIRST][];
    private byte[][] raw = new byte[FIRST][];
    private int size;
    private volatile boolean anyRepaired;

    Dictionary() {
        Arrays.fill(ids, -1);
    }

    /// A view for one thread.
    Local local() {
        return new Local(this);
    }

    @Override
    public synchronized byte[] text(int id) {
        return texts[id];
    }

    /// Whether the source's bytes were not fit to be handed out as they are.
    @SuppressWarnings("ReferenceEquality") // what needs no repair is the same array
    synchronized boolean isRepaired(int id) {
        return texts[id] != raw[id];
    }

    private synchronized byte[] raw(int id) {
        return raw[id];
    }

    synchronized int size() {
        return size;
    }

    /// All texts by number; entries at [#size()] and beyond are null.
    synchronized byte[][] texts() {
        return Arrays.copyOf(texts, size);
    }

    private synchronized int intern(byte[] buffer, int from, int to, long hash) {
        int mask = ids.length - 1;
        int slot = (int) (hash ^ (hash >>> 32)) & mask;
        while (ids[slot] >= 0) {
            byte[] known = raw[ids[slot]];
            if (hashes[slot] == hash && Arrays.equals(known, 0, known.length, buffer, from, to)) {
                return ids[slot];
            }
            slot = (slot + 1) & mask;
        }
        int id = size++;
        if (id == texts.length) {
            texts = Arrays.copyOf(texts, id * 2);
            raw = Arrays.copyOf(raw, id * 2);
        }
        raw[id] = Arrays.copyOfRange(buffer, from, to);
        texts[id] = Utf8.repair(raw[id]);
        anyRepaired |= isRepaired(id);
        hashes[slot] = hash;
        ids[slot] = id;
        if (size * 2 > ids.length) {
            grow();
        }
        return id;
    }

    private void grow() {
        long[] oldHashes = hashes;
        int[] oldIds = ids;
        int capacity = oldIds.length * 2;
        hashes = new long[capacity];
        ids = new int[capacity];
        Arrays.fill(ids, -1);
        for (int i = 0; i < oldIds.length; i++) {
            if (oldIds[i] >= 0) {
                int slot = (int) (oldHashes[i] ^ (oldHashes[i] >>> 32)) & (capacity - 1);
                while (ids[slot] >= 0) {
                    slot = (slot + 1) & (capacity - 1);
                }
                ids[slot] = oldIds[i];
                hashes[slot] = oldHashes[i];
            }
        }
    }

    /// What one thread has met: a direct-mapped table in front of the shared one.
    static final class Local {
        private static final int SLOTS = 1 << 13;

        private final Dictionary shared;
        private final long[] hashes = new long[SLOTS];
        private final int[] ids = new int[SLOTS];
        private final byte[][] texts = new byte[SLOTS][];

        private Local(Dictionary shared) {
            this.shared = shared;
            Arrays.fill(ids, -1);
        }

        /// The number of the text in `buffer[from, to)`.
        ///
        /// @param hash of the bytes, as [Bytes#hash] computes it
        int intern(byte[] buffer, int from, int to, long hash) {
            int slot = (int) (hash ^ (hash >>> 29)) & (SLOTS - 1);
            if (ids[slot] >= 0 && hashes[slot] == hash) {
                byte[] known = texts[slot];
                if (Arrays.equals(known, 0, known.length, buffer, from, to)) {
                    return ids[slot];
                }
            }
            int id = shared.intern(buffer, from, to, hash);
            hashes[slot] = hash;
            ids[slot] = id;
            texts[slot] = shared.raw(id);
            return id;
        }

        /// Whether the source's bytes of a text were not fit to be handed out as they are.
        boolean isRepaired(int id) {
            return shared.anyRepaired && shared.isRepaired(id);
        }

        int intern(byte[] text) {
            return intern(text, 0, text.length, Bytes.hash(text, 0, text.length));
        }
    }
}
