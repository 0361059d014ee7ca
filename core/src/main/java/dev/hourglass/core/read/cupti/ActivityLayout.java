package dev.hourglass.core.read.cupti;

import java.util.HashMap;
import java.util.Map;

/// How CUPTI lays out activity records: little-endian, one behind the other without gaps, each beginning with its
/// kind.
///
/// ```
///  0      4                    16      24      32                        records of device work
///  | kind | …                  | start | end   | …
///  0      4      8       16      24      28       32            36       calls of runtime and driver
///  | kind | cbid | start | end   | pid   | tid    | correlation | value
/// ```
/// Versions only add fields behind those that are used here (CUPTI 12.4 … 13.5: kernels 9 … 13, copies 5 … 7, sets
/// 4 and 5, synchronisations 1 and 2): offsets are the same in all of them and sizes are not. Source:
/// `cupti_activity.h` of each version, by a C compiler (`cupti/layouts.txt` among the tests).
final class ActivityLayout {
    /// Bytes of a record's kind, and of what is skipped at least.
    static final int KIND_BYTES = Integer.BYTES;

    static final int MEMCPY = 1;
    static final int MEMSET = 2;
    /// A kernel of a GPU that runs one at a time, laid out as any other.
    static final int SERIAL_KERNEL = 3;

    static final int DRIVER = 4;
    static final int RUNTIME = 5;
    static final int KERNEL = 10;
    static final int OVERHEAD = 17;
    static final int MEMCPY_PEER = 22;
    static final int SYNCHRONIZATION = 38;
    static final int GRAPH_TRACE = 51;

    /// Versions of the library from which on a layout holds, as `cuptiGetVersion` counts them: CUDA 12.8, 13.0,
    /// 13.5.
    private static final long CUDA_12_8 = 26;

    private static final long CUDA_13_0 = 130_000;
    private static final long CUDA_13_5 = 130_500;

    private ActivityLayout() {}

    /// Kernels.
    static final class Kernel {
        static final int REGISTERS = 6; // u16
        static final int START = 16;
        static final int END = 24;
        static final int DEVICE = 40;
        static final int CONTEXT = 44;
        static final int STREAM = 48;
        /// Six numbers: blocks in x, y, z, threads of a block in x, y, z.
        static final int GRID = 52;
        static final int STATIC_SHARED = 76;
        static final int DYNAMIC_SHARED = 80;
        static final int CORRELATION = 92;
        static final int NAME = 104; // a pointer
        static final int GRAPH_NODE = 144; // u64
        static final int GRAPH = 156;
        static final int LEAST = 160;

        private Kernel() {}
    }

    /// Copies and sets.
    static final class Memory {
        static final int COPY_KIND = 4; // u8
        static final int SOURCE_KIND = 5; // u8
        static final int TARGET_KIND = 6; // u8
        static final int BYTES = 8;
        static final int START = 16;
        static final int END = 24;
        static final int DEVICE = 32;
        static final int CONTEXT = 36;
        static final int STREAM = 40;
        static final int CORRELATION = 44;
        static final int SET_KIND = 50; // u16
        static final int GRAPH_NODE = 64; // u64
        static final int LEAST = 72;

        private Memory() {}
    }

    /// Copies between devices, where they are laid out otherwise than other copies.
    static final class Peer {
        static final int SOURCE_DEVICE = 44;
        static final int TARGET_DEVICE = 52;
        static final int CORRELATION = 60;
        static final int GRAPH_NODE = 72; // u64
        static final int LEAST = 80;

        private Peer() {}
    }

    /// Calls of the runtime and of the driver.
    static final class Call {
        static final int NUMBER = 4;
        static final int START = 8;
        static final int END = 16;
        static final int THREAD = 28;
        static final int CORRELATION = 32;
        static final int LEAST = 40;

        private Call() {}
    }

    /// Waits of the host.
    static final class Wait {
        static final int TYPE = 4;
        static final int START = 8;
        static final int END = 16;
        static final int CORRELATION = 24;
        static final int CONTEXT = 28;
        static final int STREAM = 32;
        static final int LEAST = 40;

        private Wait() {}
    }

    /// Graphs that are recorded as wholes.
    static final class Graph {
        static final int CORRELATION = 4;
        static final int START = 8;
        static final int END = 16;
        static final int DEVICE = 24;
        static final int NUMBER = 28;
        static final int CONTEXT = 32;
        static final int STREAM = 36;
        static final int LEAST = 40;

        private Graph() {}
    }

    /// Bytes of a record by its kind, for a library that does not tell them itself.
    static Map<Integer, Integer> sizes(long version) {
        Map<Integer, Integer> sizes = new HashMap<>();
        boolean newest = version >= CUDA_13_5;
        int kernel = newest ? 248 : version >= CUDA_13_0 ? 216 : 208;
        sizes.put(KERNEL, kernel);
        sizes.put(SERIAL_KERNEL, kernel);
        sizes.put(MEMCPY, newest ? 112 : version >= CUDA_12_8 ? 96 : 88);
        sizes.put(MEMSET, newest ? 104 : 88);
        sizes.put(MEMCPY_PEER, 96);
        sizes.put(DRIVER, 40);
        sizes.put(RUNTIME, 40);
        sizes.put(OVERHEAD, 56);
        sizes.put(SYNCHRONIZATION, version >= CUDA_12_8 ? 56 : 40);
        sizes.put(GRAPH_TRACE, 56);
        return sizes;
    }

    /// Bytes that a record of a kind must have to be understood; 0 for a kind that is not.
    static int least(int kind) {
        return switch (kind) {
            case KERNEL, SERIAL_KERNEL -> Kernel.LEAST;
            case MEMCPY, MEMSET -> Memory.LEAST;
            case MEMCPY_PEER -> Peer.LEAST;
            case DRIVER, RUNTIME -> Call.LEAST;
            case SYNCHRONIZATION -> Wait.LEAST;
            case GRAPH_TRACE -> Graph.LEAST;
            default -> 0;
        };
    }
}
