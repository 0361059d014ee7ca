package dev.hourglass.core.store;

import java.util.Locale;

/// How large the blocks are that a session's database consists of. Its first writing decides that for good.
public enum BlockSize {
    /// For short recordings: every table takes at least a block, most of it empty.
    SMALL(64 << 10),
    /// For long ones: a block repeats the texts that its rows refer to. Where many differ, in small blocks
    /// little else would have room.
    LARGE(256 << 10);

    private static final long SHORT_RECORDING = 16 << 20;

    private final int bytes;

    BlockSize(int bytes) {
        this.bytes = bytes;
    }

    /// What suits a recording.
    ///
    /// @param content bytes of its files, unpacked
    public static BlockSize of(long content) {
        return content <= SHORT_RECORDING ? SMALL : LARGE;
    }

    /// Bytes of a block.
    int bytes() {
        return bytes;
    }

    /// The name in lower case, for names of files.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
