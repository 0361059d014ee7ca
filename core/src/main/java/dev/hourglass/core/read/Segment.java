package dev.hourglass.core.read;

import dev.hourglass.core.trace.ImportStats;
import java.util.Arrays;

/// The events of one stretch of a Chrome trace, in columns, in the order of the file. Texts are
/// numbers of the import's [Dictionary], tracks numbers of its [TrackKeys], times nanoseconds as the
/// file counts them.
public final class Segment {
    /// Stands for a value that an event does not have.
    public static final long NONE = Long.MIN_VALUE;
    /// Stands for a text that an event does not have.
    public static final int NO_TEXT = -1;

    /// What was lost or repaired among these events.
    public final ImportStats stats = new ImportStats();
    /// Identifier of the first slice, once the segment has its place among the others.
    public long firstId;

    /// Spans that came as X, B, i, b, n and their like, each one slice to be.
    public int slices;
    public byte[] phase = new byte[1024];
    public int[] name = new int[1024];
    public int[] category = new int[1024];
    public int[] track = new int[1024];
    public long[] ts = new long[1024];
    public long[] dur = new long[1024];
    public long[] correlation = new long[1024];
    public long[] externalId = new long[1024];
    /// Bit 0: has arguments that are kept.
    public byte[] flags = new byte[1024];
    /// Number of the text of an asynchronous event's id; allocated where there are any.
    public int[] asyncId = new int[0];

    /// Spans among them whose end is an event of its own.
    public int begins;

    /// E and e events: close the last open span.
    public final Rows ends = new Rows(6);
    public static final int END_PHASE = 0;
    public static final int END_TRACK = 1;
    public static final int END_TS = 2;
    public static final int END_NAME = 3;
    public static final int END_CATEGORY = 4;
    public static final int END_ID = 5;
    /// How many slices of the segment stand before each end.
    public int[] endAfter = new int[16];

    /// Arguments of ends: position among the ends, name, kind, value.
    public final Rows endArgs = new Rows(4);
    /// All arguments of ends as JSON, where asked for.
    public byte[][] endRaws = new byte[0][];

    /// s, t, f.
    public final Rows flows = new Rows(7);
    public static final int FLOW_PHASE = 0;
    public static final int FLOW_TRACK = 1;
    public static final int FLOW_TS = 2;
    public static final int FLOW_ID = 3;
    public static final int FLOW_CATEGORY = 4;
    public static final int FLOW_NAME = 5;
    public static final int FLOW_ENCLOSING = 6;

    /// C: one row per series.
    public final Rows counters = new Rows(6);
    public static final int COUNTER_TRACK = 0;
    public static final int COUNTER_NAME = 1;
    public static final int COUNTER_SERIES = 2;
    public static final int COUNTER_TS = 3;
    public static final int COUNTER_VALUE = 4;
    public static final int COUNTER_ID = 5;

    /// M.
    public final Rows metadata = new Rows(4);
    public static final int META_NAME = 0;
    public static final int META_TRACK = 1;
    public static final int META_TEXT = 2;
    public static final int META_NUMBER = 3;

    /// Arguments of kernels: the slice's position in the segment, then one value per [#KERNEL_ARGS].
    public static final Arg[] KERNEL_ARGS = {
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
    public final Rows kernels = new Rows(1 + KERNEL_ARGS.length);

    /// Arguments of copies and memsets.
    public static final Arg[] COPY_ARGS = {
        Arg.DEVICE, Arg.CONTEXT, Arg.STREAM, Arg.BYTES, Arg.BANDWIDTH, Arg.SRC_DEVICE, Arg.DST_DEVICE, Arg.GRAPH_NODE
    };
    public final Rows copies = new Rows(1 + COPY_ARGS.length);

    /// Arguments of operators.
    public static final Arg[] OP_ARGS = {
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
    public final Rows ops = new Rows(1 + OP_ARGS.length);

    /// Arguments of Python functions.
    public static final Arg[] PYTHON_ARGS = {Arg.PYTHON_ID, Arg.PYTHON_PARENT, Arg.PYTHON_MODULE};
    public final Rows pythons = new Rows(1 + PYTHON_ARGS.length);

    /// Arguments of allocator events.
    public static final Arg[] MEMORY_ARGS = {
        Arg.DEVICE_TYPE, Arg.DEVICE_ID, Arg.ADDRESS, Arg.MEMORY_BYTES, Arg.TOTAL_ALLOCATED, Arg.TOTAL_RESERVED
    };
    public final Rows memories = new Rows(1 + MEMORY_ARGS.length);

    /// Arguments without a column of their own: slice, name, kind, value.
    public final Rows extras = new Rows(4);
    public static final int EXTRA_INTEGER = 0;
    public static final int EXTRA_REAL = 1;
    public static final int EXTRA_TEXT = 2;
    public static final int EXTRA_NULL = 3;

    /// Flows that say what correlation says too.
    public long correlationFlows;

    /// All arguments as JSON, where asked for, by slice.
    public byte[][] rawArgs = new byte[0][];

    /// Appends a span and returns its position.
    public int addSlice() {
        if (slices == phase.length) {
            grow();
        }
        return slices++;
    }

    public void asyncId(int slice, int id) {
        if (asyncId.length < phase.length) {
            int old = asyncId.length;
            asyncId = Arrays.copyOf(asyncId, phase.length);
            Arrays.fill(asyncId, old, asyncId.length, NO_TEXT);
        }
        asyncId[slice] = id;
    }

    public void rawArgs(int slice, byte[] json) {
        if (rawArgs.length < phase.length) {
            rawArgs = Arrays.copyOf(rawArgs, phase.length);
        }
        rawArgs[slice] = json;
    }

    /// Appends an end and returns the index of its first value.
    public int addEnd() {
        if (ends.size == endAfter.length) {
            endAfter = Arrays.copyOf(endAfter, endAfter.length * 2);
        }
        endAfter[ends.size] = slices;
        return ends.add();
    }

    public void endRaw(int end, byte[] json) {
        if (endRaws.length < endAfter.length) {
            endRaws = Arrays.copyOf(endRaws, endAfter.length);
        }
        endRaws[end] = json;
    }

    /// Whether the end of a slice is an event of its own.
    public boolean isBegin(int slice) {
        return phase[slice] == 'B' || phase[slice] == 'b' || phase[slice] == 'S';
    }

    private void grow() {
        int capacity = slices * 2;
        phase = Arrays.copyOf(phase, capacity);
        name = Arrays.copyOf(name, capacity);
        category = Arrays.copyOf(category, capacity);
        track = Arrays.copyOf(track, capacity);
        ts = Arrays.copyOf(ts, capacity);
        dur = Arrays.copyOf(dur, capacity);
        correlation = Arrays.copyOf(correlation, capacity);
        externalId = Arrays.copyOf(externalId, capacity);
        flags = Arrays.copyOf(flags, capacity);
    }

    /// Rows of a fixed number of 64-bit values.
    public static final class Rows {
        public final int stride;
        public int size;
        public long[] values;

        Rows(int stride) {
            this.stride = stride;
            this.values = new long[stride * 16];
        }

        /// Appends a row and returns the index of its first value.
        public int add() {
            int at = size * stride;
            if (at + stride > values.length) {
                values = Arrays.copyOf(values, Math.max(stride * 16, values.length * 2));
            }
            size++;
            return at;
        }

        /// Gives the room back.
        public void clear() {
            size = 0;
            values = new long[0];
        }

        public long get(int row, int column) {
            return values[row * stride + column];
        }
    }
}
