package dev.hourglass.core.read.chrome;

import dev.hourglass.core.read.SliceColumns;
import dev.hourglass.core.trace.ImportStats;
import java.util.Arrays;

/// The events of one stretch of a Chrome trace, in columns, in the order of the file. Texts are
/// numbers of the import's [Dictionary], tracks numbers of its [TrackKeys], times nanoseconds as the
/// file counts them. Its slices are spans that came as X, B, i, b, n and their like, each one slice to be.
final class Segment extends SliceColumns {
    /// What was lost or repaired among these events.
    final ImportStats stats = new ImportStats();
    /// Bit 0: has arguments that are kept.
    byte[] flags = new byte[1024];
    /// Number of the text of an asynchronous event's id; allocated where there are any.
    int[] asyncId = new int[0];

    /// Spans among them whose end is an event of its own.
    int begins;

    /// E and e events: close the last open span.
    final Rows ends = new Rows(6);
    static final int END_PHASE = 0;
    static final int END_TRACK = 1;
    static final int END_TS = 2;
    static final int END_NAME = 3;
    static final int END_CATEGORY = 4;
    static final int END_ID = 5;
    /// How many slices of the segment stand before each end.
    int[] endAfter = new int[16];

    /// Arguments of ends: position among the ends, name, kind, value.
    final Rows endArgs = new Rows(4);
    /// All arguments of ends as JSON, where asked for.
    byte[][] endRaws = new byte[0][];

    /// s, t, f.
    final Rows flows = new Rows(7);
    static final int FLOW_PHASE = 0;
    static final int FLOW_TRACK = 1;
    static final int FLOW_TS = 2;
    static final int FLOW_ID = 3;
    static final int FLOW_CATEGORY = 4;
    static final int FLOW_NAME = 5;
    static final int FLOW_ENCLOSING = 6;

    /// C: one row per series.
    final Rows counters = new Rows(6);
    static final int COUNTER_TRACK = 0;
    static final int COUNTER_NAME = 1;
    static final int COUNTER_SERIES = 2;
    static final int COUNTER_TS = 3;
    static final int COUNTER_VALUE = 4;
    static final int COUNTER_ID = 5;

    /// M.
    final Rows metadata = new Rows(4);
    static final int META_NAME = 0;
    static final int META_TRACK = 1;
    static final int META_TEXT = 2;
    static final int META_NUMBER = 3;

    /// Arguments of kernels: the slice's position in the segment, then one value per [#KERNEL_ARGS].
    static final Arg[] KERNEL_ARGS = {
        Arg.DEVICE,
        Arg.CONTEXT,
        Arg.STREAM,
        Arg.GRAPH,
        Arg.GRAPH_NODE,
        Arg.GRID_X,
        Arg.GRID_Y,
        Arg.GRID_Z,
        Arg.BLOCK_X,
        Arg.BLOCK_Y,
        Arg.BLOCK_Z,
        Arg.REGISTERS,
        Arg.SHARED,
        Arg.BLOCKS_PER_SM,
        Arg.WARPS_PER_SM,
        Arg.OCCUPANCY,
        Arg.QUEUED,
        Arg.PRIORITY,
        Arg.COLLECTIVE,
        Arg.PROCESS_GROUP,
        Arg.MESSAGE_ELEMENTS,
        Arg.DTYPE
    };
    final Rows kernels = new Rows(1 + KERNEL_ARGS.length);

    /// Arguments of copies and memsets.
    static final Arg[] COPY_ARGS = {
        Arg.DEVICE, Arg.CONTEXT, Arg.STREAM, Arg.BYTES, Arg.BANDWIDTH, Arg.SRC_DEVICE, Arg.DST_DEVICE, Arg.GRAPH_NODE
    };
    final Rows copies = new Rows(1 + COPY_ARGS.length);

    /// Arguments of operators.
    static final Arg[] OP_ARGS = {
        Arg.SEQUENCE,
        Arg.INPUT_DIMS,
        Arg.INPUT_TYPES,
        Arg.INPUT_STRIDES,
        Arg.CONCRETE_INPUTS,
        Arg.MODULE,
        Arg.STACK,
        Arg.FLOPS,
        Arg.COLLECTIVE,
        Arg.PROCESS_GROUP,
        Arg.GROUP_SIZE,
        Arg.MESSAGE_ELEMENTS,
        Arg.DTYPE
    };
    final Rows ops = new Rows(1 + OP_ARGS.length);

    /// Arguments of Python functions.
    static final Arg[] PYTHON_ARGS = {Arg.PYTHON_ID, Arg.PYTHON_PARENT, Arg.PYTHON_MODULE};
    final Rows pythons = new Rows(1 + PYTHON_ARGS.length);

    /// Arguments of allocator events.
    static final Arg[] MEMORY_ARGS = {
        Arg.DEVICE_TYPE, Arg.DEVICE_ID, Arg.ADDRESS, Arg.MEMORY_BYTES, Arg.TOTAL_ALLOCATED, Arg.TOTAL_RESERVED
    };
    final Rows memories = new Rows(1 + MEMORY_ARGS.length);

    /// Arguments without a column of their own: slice, name, kind, value.
    final Rows extras = new Rows(4);
    static final int EXTRA_INTEGER = 0;
    static final int EXTRA_REAL = 1;
    static final int EXTRA_TEXT = 2;
    static final int EXTRA_NULL = 3;

    /// Flows that say what correlation says too.
    long correlationFlows;

    /// All arguments as JSON, where asked for, by slice.
    byte[][] rawArgs = new byte[0][];

    void asyncId(int slice, int id) {
        if (asyncId.length < phase.length) {
            int old = asyncId.length;
            asyncId = Arrays.copyOf(asyncId, phase.length);
            Arrays.fill(asyncId, old, asyncId.length, NO_TEXT);
        }
        asyncId[slice] = id;
    }

    void rawArgs(int slice, byte[] json) {
        if (rawArgs.length < phase.length) {
            rawArgs = Arrays.copyOf(rawArgs, phase.length);
        }
        rawArgs[slice] = json;
    }

    /// Appends an end and returns the index of its first value.
    int addEnd() {
        if (ends.size == endAfter.length) {
            endAfter = Arrays.copyOf(endAfter, endAfter.length * 2);
        }
        endAfter[ends.size] = slices;
        return ends.add();
    }

    void endRaw(int end, byte[] json) {
        if (endRaws.length < endAfter.length) {
            endRaws = Arrays.copyOf(endRaws, endAfter.length);
        }
        endRaws[end] = json;
    }

    /// Whether the end of a slice is an event of its own.
    boolean isBegin(int slice) {
        return isBegin(phase[slice]);
    }

    /// Whether the end of a span of a phase is an event of its own.
    static boolean isBegin(byte phase) {
        return phase == 'B' || phase == 'b' || phase == 'S';
    }

    @Override
    protected void grow() {
        super.grow();
        flags = Arrays.copyOf(flags, phase.length);
    }

    /// Rows of a fixed number of 64-bit values.
    static final class Rows {
        final int stride;
        int size;
        long[] values;

        Rows(int stride) {
            this.stride = stride;
            this.values = new long[stride * 16];
        }

        /// Appends a row and returns the index of its first value.
        int add() {
            int at = size * stride;
            if (at + stride > values.length) {
                values = Arrays.copyOf(values, Math.max(stride * 16, values.length * 2));
            }
            size++;
            return at;
        }

        /// Gives the room back.
        void clear() {
            size = 0;
            values = new long[0];
        }

        long get(int row, int column) {
            return values[row * stride + column];
        }
    }
}
