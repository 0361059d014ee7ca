package dev.hourglass.core.read.chrome;

import dev.hourglass.core.read.SliceRuns;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.TraceTables;
import java.util.HashMap;
import java.util.Map;

/// Rows of kernels and copies, from what [ChromeLinks] put aside about them.
final class ChromeDeviceWork {
    private static final int KERNEL_STRIDE = ChromeLinks.HEAD + Segment.KERNEL_ARGS.length;
    private static final int COPY_STRIDE = ChromeLinks.HEAD + Segment.COPY_ARGS.length;
    private static final String[] WHOLE = {
        "grid_x", "grid_y", "grid_z", "block_x", "block_y", "block_z", "registers", "shared_bytes"
    };

    /// Words that the name of a copy tells.
    private static final int WORDS = 3;

    private final Map<Integer, long[]> copyWords = new HashMap<>();
    private final ChromeAssembler assembler;
    private final ChromeTracks tracks;
    private final ImportContext context;
    private final long base;

    ChromeDeviceWork(ChromeAssembler assembler, ChromeTracks tracks, ImportContext context, long base) {
        this.assembler = assembler;
        this.tracks = tracks;
        this.context = context;
        this.base = base;
    }

    private static int at(Table table, String column) {
        return table.indexOf(column);
    }

    /// @param launches the call of each, or [Segment#NONE]
    /// @param processes the process of the call of each, or [Segment#NONE]
    EventBatch kernels(long[] values, int n, long[] launches, long[] processes) {
        Table table = TraceTables.KERNEL;
        Columns columns = new Columns(new EventBatch(table, n), n, assembler.texts()).of(values, 0, KERNEL_STRIDE);
        device(table, columns, launches, processes);
        columns.of(values, 0, KERNEL_STRIDE);
        columns.longs(at(table, "graph_id"), arg(3)).longs(at(table, "graph_node_id"), arg(4));
        for (int i = 0; i < WHOLE.length; i++) {
            columns.longs(at(table, WHOLE[i]), arg(5 + i));
        }
        columns.reals(at(table, "blocks_per_sm"), arg(13), 1)
                .reals(at(table, "warps_per_sm"), arg(14), 1)
                .reals(at(table, "occupancy_ratio"), arg(15), 0.01)
                .longs(at(table, "queued_ns"), arg(16))
                .longs(at(table, "priority"), arg(17))
                .texts(at(table, "collective"), arg(18))
                .texts(at(table, "process_group"), arg(19));
        long[] messages = new long[n];
        for (int r = 0; r < n; r++) {
            int at = r * KERNEL_STRIDE;
            messages[r] = messageBytes(values[at + arg(20)], values[at + arg(21)]);
        }
        return columns.of(messages, 0, 1).longs(at(table, "message_bytes"), 0).batch();
    }

    private static int arg(int number) {
        return ChromeLinks.HEAD + number;
    }

    private long messageBytes(long elements, long dtype) {
        if (elements == Segment.NONE || dtype == Segment.NONE) {
            return Segment.NONE;
        }
        int size = elementBytes(assembler.string((int) dtype));
        return size == 0 ? Segment.NONE : elements * size;
    }

    private static int elementBytes(String dtype) {
        return switch (dtype) {
            case "Byte", "Char", "Bool", "Float8_e4m3fn", "Float8_e5m2" -> 1;
            case "Half", "BFloat16", "Short" -> 2;
            case "Float", "Int" -> 4;
            case "Double", "Long" -> 8;
            default -> 0;
        };
    }

    EventBatch copies(long[] values, int n, long[] launches, long[] processes) {
        Table table = TraceTables.MEMCPY;
        Columns columns = new Columns(new EventBatch(table, n), n, assembler.texts()).of(values, 0, COPY_STRIDE);
        device(table, columns, launches, processes);
        columns.of(values, 0, COPY_STRIDE)
                .longs(at(table, "bytes"), arg(3))
                .reals(at(table, "bandwidth"), arg(4), 1e9)
                .longs(at(table, "src_device"), arg(5))
                .longs(at(table, "dst_device"), arg(6))
                .longs(at(table, "graph_node_id"), arg(7));
        long[] words = new long[n * WORDS];
        for (int r = 0; r < n; r++) {
            int name = SliceRuns.name(values[r * COPY_STRIDE + ChromeLinks.TEXTS]);
            System.arraycopy(copyWords.computeIfAbsent(name, this::words), 0, words, r * WORDS, WORDS);
        }
        return columns.of(words, 0, WORDS)
                .texts(at(table, "kind"), 0)
                .texts(at(table, "src_kind"), 1)
                .texts(at(table, "dst_kind"), 2)
                .batch();
    }

    /// What the name of a copy tells, as numbers of texts.
    private long[] words(int text) {
        String name = assembler.string(text);
        return new long[] {
            assembler.number(CopyName.kind(name)),
            assembler.number(CopyName.from(name)),
            assembler.number(CopyName.to(name))
        };
    }

    /// The columns that kernels and copies share.
    private void device(Table table, Columns columns, long[] launches, long[] processes) {
        columns.longs(at(table, "id"), ChromeLinks.ID)
                .longs(at(table, "ts"), ChromeLinks.TS, base)
                .longs(at(table, "dur"), ChromeLinks.DUR)
                .texts(at(table, "name"), ChromeLinks.TEXTS, 32)
                .longsOr(at(table, "device"), arg(0), ChromeLinks.TRACK, tracks.devices())
                .longs(at(table, "context"), arg(1))
                .longsOr(at(table, "stream"), arg(2), ChromeLinks.TRACK, tracks.streams())
                .longs(at(table, "correlation"), ChromeLinks.CORRELATION)
                .longs(at(table, "external_id"), ChromeLinks.EXTERNAL)
                .mapped(at(table, "track_id"), ChromeLinks.TRACK, 0, tracks.ids())
                .constant(at(table, "source_id"), context.sourceId());
        columns.of(launches, 0, 1).longs(at(table, "launch_id"), 0);
        columns.of(processes, 0, 1).longs(at(table, "upid"), 0);
    }
}
