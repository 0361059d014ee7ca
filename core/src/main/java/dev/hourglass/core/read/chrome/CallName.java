package dev.hourglass.core.read.chrome;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// What a call of a GPU's runtime or driver does, judged by its name (CUDA, HIP, and others after
/// their pattern).
final class CallName {
    static final byte OTHER = 0;
    static final byte KERNEL = 1;
    static final byte GRAPH = 2;
    static final byte MEMCPY = 3;
    static final byte MEMSET = 4;
    static final byte SYNC = 5;
    private static final byte[][] WORDS = {
        word("other"), word("kernel"), word("graph"), word("memcpy"), word("memset"), word("sync")
    };

    private CallName() {}

    private static byte[] word(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// Whether slices of a category are such calls.
    static boolean isCall(String category) {
        return category.endsWith("_runtime") || category.endsWith("_driver") || category.equals("Runtime");
    }

    static byte kind(String name) {
        String n = name.toLowerCase(Locale.ROOT);
        if (n.contains("graphlaunch")) {
            return GRAPH;
        }
        if (n.contains("launch") && !n.contains("hostfunc")) {
            return KERNEL;
        }
        if (n.contains("memcpy") || n.contains("memprefetch")) {
            return MEMCPY;
        }
        if (n.contains("memset")) {
            return MEMSET;
        }
        return n.contains("synchronize") || n.contains("waitevent") ? SYNC : OTHER;
    }

    /// Whether device work can come of a call of this kind.
    static boolean startsWork(byte kind) {
        return kind >= KERNEL && kind <= MEMSET;
    }

    /// The word in `launch.kind`.
    static byte[] word(byte kind) {
        return WORDS[kind];
    }
}
