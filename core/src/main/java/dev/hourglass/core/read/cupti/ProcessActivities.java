package dev.hourglass.core.read.cupti;

import dev.hourglass.core.read.RowSpill;
import dev.hourglass.core.read.Scratch;
import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.Severity;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The activities of one process: its buffers in the order in which they were taken, each with the clocks of that
/// moment.
///
/// What the records say waits as numbers until all are there: work often comes before the call that started it, and
/// a time is known exactly only when the pair of clocks behind it is.
public final class ProcessActivities {
    /// Columns that all device work has first.
    static final int START = 0;

    static final int END = 1;
    static final int DEVICE = 2;
    static final int CONTEXT = 3;
    static final int STREAM = 4;
    static final int CORRELATION = 5;

    /// Column of the name of a kernel, the node of its graph, its graph, registers, six of its grid, shared memory.
    static final int NAME = 6;

    static final int NODE = 7;
    static final int GRAPH = 8;
    static final int REGISTERS = 9;
    static final int GRID = 10;
    static final int GRID_NUMBERS = 6;
    static final int SHARED = GRID + GRID_NUMBERS;
    private static final int KERNEL_STRIDE = SHARED + 1;

    /// Columns of a copy or a set behind those of all device work.
    static final int BYTES = 6;

    static final int MEMORY_NODE = 7;
    static final int KINDS = 8;
    static final int FROM_DEVICE = 9;
    static final int TO_DEVICE = 10;
    private static final int MEMORY_STRIDE = 11;

    /// Column of the number of a graph, and of the kind of a wait.
    static final int NUMBER = 6;

    private static final int OTHER_STRIDE = 7;

    /// Columns of a call.
    static final int CALL_CORRELATION = 2;

    static final int CALL_THREAD = 3;
    static final int CALL_FUNCTION = 4;
    static final int CALL_STRIDE = 5;

    private static final long DRIVER_BIT = 1L << 32;

    final long pid;
    final Clocks clocks = new Clocks();
    final RowSpill calls;
    final RowSpill kernels;
    final RowSpill copies;
    final RowSpill sets;
    final RowSpill graphs;
    final RowSpill waits;
    private final ImportStats stats;
    private final String place;
    private ActivityFacts facts = ActivityFacts.of(0);
    private Map<Integer, Integer> sizes = facts.allSizes();
    private final Map<Long, Integer> byPointer = new HashMap<>();
    private final List<String> names = new ArrayList<>();
    private final Map<String, Integer> known = new HashMap<>();
    private long lost;

    ProcessActivities(long pid, Scratch scratch, ImportStats stats) {
        this.pid = pid;
        this.stats = stats;
        this.place = "device activities of process " + pid;
        this.calls = new RowSpill(scratch, CALL_STRIDE);
        this.kernels = new RowSpill(scratch, KERNEL_STRIDE);
        this.copies = new RowSpill(scratch, MEMORY_STRIDE);
        this.sets = new RowSpill(scratch, MEMORY_STRIDE);
        this.graphs = new RowSpill(scratch, OTHER_STRIDE);
        this.waits = new RowSpill(scratch, OTHER_STRIDE);
    }

    /// From here on records are those of this library.
    public void facts(ActivityFacts told) {
        facts = told;
        sizes = told.allSizes();
    }

    /// What kernels with this pointer are called from here on.
    public void name(long pointer, String text) {
        byPointer.put(pointer, number(text.isEmpty() ? "kernel without a name" : text));
    }

    private int number(String text) {
        return known.computeIfAbsent(text, fresh -> {
            names.add(fresh);
            return names.size() - 1;
        });
    }

    String kernelName(long number) {
        return names.get((int) number);
    }

    /// Takes the clocks of a moment, and how many records were lost until then.
    ///
    /// @param ts on the trace clock
    /// @param device the same by CUPTI's
    public void moment(long ts, long device, long lostSoFar) {
        clocks.pair(ts, device);
        lost = Math.max(lost, lostSoFar);
    }

    long lost() {
        return lost;
    }

    /// Takes a buffer of whole records.
    public void take(ByteBuffer buffer) {
        ByteBuffer records = buffer.slice().order(ByteOrder.LITTLE_ENDIAN);
        int end = ActivityWalk.over(records, sizes, this::record);
        if (end < records.limit()) {
            stats.count(
                    "unreadable_activities",
                    Severity.DATA_LOSS,
                    records.limit() - end,
                    place + ": bytes behind a record of an unknown kind or one cut off, CUPTI " + facts.version());
        }
    }

    private void record(int kind, ByteBuffer buffer, int at, int size) {
        if (size < ActivityLayout.least(kind)) {
            stats.count("short_activity", Severity.DATA_LOSS, place + ": kind " + kind + " in " + size + " bytes");
            return;
        }
        switch (kind) {
            case ActivityLayout.KERNEL, ActivityLayout.SERIAL_KERNEL -> kernel(buffer, at);
            case ActivityLayout.MEMCPY -> copy(buffer, at);
            case ActivityLayout.MEMCPY_PEER -> peerCopy(buffer, at);
            case ActivityLayout.MEMSET -> set(buffer, at);
            case ActivityLayout.RUNTIME -> call(buffer, at, 0);
            case ActivityLayout.DRIVER -> call(buffer, at, DRIVER_BIT);
            case ActivityLayout.SYNCHRONIZATION -> sync(buffer, at);
            case ActivityLayout.GRAPH_TRACE -> graph(buffer, at);
            default ->
                stats.count(
                        "activity_left_out", Severity.INFO, place + ": records of kind " + kind + " are not explained");
        }
    }

    private static long unsigned(ByteBuffer buffer, int at) {
        return Integer.toUnsignedLong(buffer.getInt(at));
    }

    private void kernel(ByteBuffer buffer, int at) {
        int row = work(kernels, buffer, at, ActivityLayout.Kernel.START, ActivityLayout.Kernel.DEVICE);
        long[] values = kernels.values;
        values[row + CORRELATION] = unsigned(buffer, at + ActivityLayout.Kernel.CORRELATION);
        values[row + NAME] = nameOf(buffer.getLong(at + ActivityLayout.Kernel.NAME));
        values[row + NODE] = buffer.getLong(at + ActivityLayout.Kernel.GRAPH_NODE);
        values[row + GRAPH] = unsigned(buffer, at + ActivityLayout.Kernel.GRAPH);
        values[row + REGISTERS] = Short.toUnsignedInt(buffer.getShort(at + ActivityLayout.Kernel.REGISTERS));
        for (int i = 0; i < GRID_NUMBERS; i++) {
            values[row + GRID + i] = unsigned(buffer, at + ActivityLayout.Kernel.GRID + i * Integer.BYTES);
        }
        values[row + SHARED] = unsigned(buffer, at + ActivityLayout.Kernel.STATIC_SHARED)
                + unsigned(buffer, at + ActivityLayout.Kernel.DYNAMIC_SHARED);
    }

    private int nameOf(long pointer) {
        Integer told = byPointer.get(pointer);
        if (told != null) {
            return told;
        }
        stats.count("kernel_without_name", Severity.NOTICE, place + ": first at 0x" + Long.toHexString(pointer));
        int number = number("kernel without a name");
        byPointer.put(pointer, number);
        return number;
    }

    /// A row with what all device work has first; device, context and stream stand one behind the other.
    private static int work(RowSpill spill, ByteBuffer buffer, int at, int start, int device) {
        int row = spill.add();
        spill.values[row + START] = buffer.getLong(at + start);
        spill.values[row + END] = buffer.getLong(at + start + Long.BYTES);
        spill.values[row + DEVICE] = unsigned(buffer, at + device);
        spill.values[row + CONTEXT] = unsigned(buffer, at + device + Integer.BYTES);
        spill.values[row + STREAM] = unsigned(buffer, at + device + 2 * Integer.BYTES);
        return row;
    }

    private int memory(RowSpill spill, ByteBuffer buffer, int at, int correlation, int node) {
        int row = work(spill, buffer, at, ActivityLayout.Memory.START, ActivityLayout.Memory.DEVICE);
        spill.values[row + CORRELATION] = unsigned(buffer, at + correlation);
        spill.values[row + BYTES] = buffer.getLong(at + ActivityLayout.Memory.BYTES);
        spill.values[row + MEMORY_NODE] = buffer.getLong(at + node);
        spill.values[row + FROM_DEVICE] = -1;
        spill.values[row + TO_DEVICE] = -1;
        return row;
    }

    /// Kind of the copy, of the memory that is read and of that which is written, a byte each from the lowest on.
    private static long kinds(ByteBuffer buffer, int at) {
        long kind = Byte.toUnsignedLong(buffer.get(at + ActivityLayout.Memory.COPY_KIND));
        long from = Byte.toUnsignedLong(buffer.get(at + ActivityLayout.Memory.SOURCE_KIND));
        long to = Byte.toUnsignedLong(buffer.get(at + ActivityLayout.Memory.TARGET_KIND));
        return kind | (from << Byte.SIZE) | (to << (2 * Byte.SIZE));
    }

    private void copy(ByteBuffer buffer, int at) {
        int row = memory(copies, buffer, at, ActivityLayout.Memory.CORRELATION, ActivityLayout.Memory.GRAPH_NODE);
        copies.values[row + KINDS] = kinds(buffer, at);
    }

    private void peerCopy(ByteBuffer buffer, int at) {
        int row = memory(copies, buffer, at, ActivityLayout.Peer.CORRELATION, ActivityLayout.Peer.GRAPH_NODE);
        copies.values[row + KINDS] = kinds(buffer, at);
        copies.values[row + FROM_DEVICE] = unsigned(buffer, at + ActivityLayout.Peer.SOURCE_DEVICE);
        copies.values[row + TO_DEVICE] = unsigned(buffer, at + ActivityLayout.Peer.TARGET_DEVICE);
    }

    private void set(ByteBuffer buffer, int at) {
        int row = memory(sets, buffer, at, ActivityLayout.Memory.CORRELATION, ActivityLayout.Memory.GRAPH_NODE);
        sets.values[row + KINDS] = Short.toUnsignedLong(buffer.getShort(at + ActivityLayout.Memory.SET_KIND));
    }

    private void graph(ByteBuffer buffer, int at) {
        int row = graphs.add();
        graphs.values[row + START] = buffer.getLong(at + ActivityLayout.Graph.START);
        graphs.values[row + END] = buffer.getLong(at + ActivityLayout.Graph.END);
        graphs.values[row + DEVICE] = unsigned(buffer, at + ActivityLayout.Graph.DEVICE);
        graphs.values[row + CONTEXT] = unsigned(buffer, at + ActivityLayout.Graph.CONTEXT);
        graphs.values[row + STREAM] = unsigned(buffer, at + ActivityLayout.Graph.STREAM);
        graphs.values[row + CORRELATION] = unsigned(buffer, at + ActivityLayout.Graph.CORRELATION);
        graphs.values[row + NUMBER] = unsigned(buffer, at + ActivityLayout.Graph.NUMBER);
    }

    private void sync(ByteBuffer buffer, int at) {
        int row = waits.add();
        waits.values[row + START] = buffer.getLong(at + ActivityLayout.Wait.START);
        waits.values[row + END] = buffer.getLong(at + ActivityLayout.Wait.END);
        waits.values[row + CONTEXT] = unsigned(buffer, at + ActivityLayout.Wait.CONTEXT);
        waits.values[row + STREAM] = unsigned(buffer, at + ActivityLayout.Wait.STREAM);
        waits.values[row + CORRELATION] = unsigned(buffer, at + ActivityLayout.Wait.CORRELATION);
        waits.values[row + NUMBER] = unsigned(buffer, at + ActivityLayout.Wait.TYPE);
    }

    private void call(ByteBuffer buffer, int at, long domain) {
        int row = calls.add();
        calls.values[row + START] = buffer.getLong(at + ActivityLayout.Call.START);
        calls.values[row + END] = buffer.getLong(at + ActivityLayout.Call.END);
        calls.values[row + CALL_CORRELATION] = unsigned(buffer, at + ActivityLayout.Call.CORRELATION);
        calls.values[row + CALL_THREAD] = unsigned(buffer, at + ActivityLayout.Call.THREAD);
        calls.values[row + CALL_FUNCTION] = unsigned(buffer, at + ActivityLayout.Call.NUMBER) | domain;
    }

    /// The name of a call's function.
    String function(long function) {
        boolean driver = (function & DRIVER_BIT) != 0;
        String told = (driver ? facts.driver() : facts.runtime()).get((int) function);
        return told != null ? told : (driver ? "cuCall" : "cudaCall") + " " + (int) function;
    }
}
