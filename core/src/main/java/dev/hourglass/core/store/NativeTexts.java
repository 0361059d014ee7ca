package dev.hourglass.core.store;

import dev.hourglass.core.trace.TextTable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// The texts of one table in memory that the database can read, so that a column of texts is handed
/// over as references: no text is copied more than once however often it comes. Not thread-safe.
///
/// The memory lives as long as this object: it has to be kept while the database reads.
final class NativeTexts {
    private static final long BLOCK = 1 << 20;
    /// What all texts together may take.
    private static final long MOST = 32L << 20;

    private static final long UNKNOWN = -1;

    private final TextTable texts;
    private final Arena arena = Arena.ofAuto();
    private MemorySegment block = arena.allocate(0);
    private long used;
    private long taken;
    /// Two longs per text: what stands in a vector's memory for it.
    private long[] references = new long[0];

    NativeTexts(TextTable texts) {
        this.texts = texts;
    }

    TextTable texts() {
        return texts;
    }

    /// Writes the references of a column's texts. False if they take too much memory.
    ///
    /// @param codes numbers of the texts from `from` on; negative ones are left out
    /// @param into receives two longs per text
    /// @param nulls receives a bit per text that was left out
    boolean refer(int[] codes, int from, int n, long[] into, long[] nulls) {
        Arrays.fill(nulls, 0);
        long[] known = references;
        for (int i = 0; i < n; i++) {
            int code = codes[from + i];
            if (code < 0) {
                nulls[i >> 6] |= 1L << i;
                continue;
            }
            int at = code << 1;
            if (at >= known.length || known[at] == UNKNOWN) {
                if (!load(code)) {
                    return false;
                }
                known = references;
            }
            into[i << 1] = known[at];
            into[(i << 1) + 1] = known[at + 1];
        }
        return true;
    }

    private boolean load(int code) {
        int at = code << 1;
        if (at >= references.length) {
            int old = references.length;
            references = Arrays.copyOf(references, Math.max(1 << 12, Integer.highestOneBit(at) << 1));
            Arrays.fill(references, old, references.length, UNKNOWN);
        }
        byte[] text = texts.text(code);
        long first = word(text, 0, 4);
        references[at] = text.length | (first << 32);
        if (text.length <= VectorMemory.INLINED) {
            references[at + 1] = word(text, 4, text.length);
            return true;
        }
        if (taken + text.length > MOST) {
            references[at] = UNKNOWN;
            return false;
        }
        references[at + 1] = copy(text);
        return true;
    }

    private long copy(byte[] text) {
        if (used + text.length > block.byteSize()) {
            block = arena.allocate(Math.max(BLOCK, text.length));
            used = 0;
        }
        MemorySegment.copy(text, 0, block, ValueLayout.JAVA_BYTE, used, text.length);
        long address = block.address() + used;
        used += text.length;
        taken += text.length;
        return address;
    }

    /// Bytes of a text as a number, the first one lowest.
    private static long word(byte[] text, int from, int to) {
        long word = 0;
        for (int i = Math.min(to, text.length) - 1; i >= from; i--) {
            word = (word << 8) | (text[i] & 0xFF);
        }
        return word;
    }
}
