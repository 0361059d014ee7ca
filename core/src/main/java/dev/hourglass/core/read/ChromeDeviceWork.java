package dev.hourglass.core.read;

import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.TraceTables;

/// Rows of kernels and copies, from what [ChromeLinks] put aside about them.
final class ChromeDeviceWork {
    private static final int KERNEL_STRIDE = ChromeLinks.HEAD + Segment.KERNEL_ARGS.length;
    private static final int COPY_STRIDE = ChromeLinks.HEAD + Segment.COPY_ARGS.length;
    private static final String[] WHOLE = {
        "grid_x", "grid_y", "grid_z", "block_x", "block_y", "block_z", "registers", "shared_bytes"
    };

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

    /// Rows that came as numbers, with the positions of their arguments.
    private static final class Rows {
        private final long[] values;
        private final int stride;

        Rows(long[] values, int stride) {
            this.values = values;
            this.stride = stride;
        }

        long get(int row, int column) {
            return values[row * stride + column];
        }

        long arg(int row, int number) {
            return values[row * stride + ChromeLinks.HEAD + number];
        }

        int track(int row) {
            return (int) get(row, ChromeLinks.TRACK);
        }
    }

    private static int at(Table table, String column) {
        return table.indexOf(column);
    }

    /// @param launches the call of each, or [Segment#NONE]
    /// @param processes the process of the call of each, or [Segment#NONE]
    EventBatch kernels(long[] values, int n, long[] launches, long[] processes) {
        Rows rows = new Rows(values, KERNEL_STRIDE);
        Table table = TraceTables.KERNEL;
        EventBatch batch = new EventBatch(table, n);
        device(batch, rows, n, launches, processes);
        ChromeAssembler.column(batch, at(table, "graph_id"), n, r -> rows.arg(r, 3));
        ChromeAssembler.column(batch, at(table, "graph_node_id"), n, r -> rows.arg(r, 4));
        for (int i = 0; i < WHOLE.length; i++) {
            int from = 5 + i;
            ChromeAssembler.column(batch, at(table, WHOLE[i]), n, r -> rows.arg(r, from));
        }
        ChromeAssembler.realColumn(batch, at(table, "blocks_per_sm"), n, r -> rows.arg(r, 13));
        ChromeAssembler.realColumn(batch, at(table, "warps_per_sm"), n, r -> rows.arg(r, 14));
        ChromeAssembler.realColumn(batch, at(table, "occupancy_ratio"), n, r -> scaled(rows.arg(r, 15), 0.01));
        ChromeAssembler.column(batch, at(table, "queued_ns"), n, r -> rows.arg(r, 16));
        ChromeAssembler.column(batch, at(table, "priority"), n, r -> rows.arg(r, 17));
        assembler.textColumn(batch, at(table, "collective"), n, r -> rows.arg(r, 18));
        assembler.textColumn(batch, at(table, "process_group"), n, r -> rows.arg(r, 19));
        ChromeAssembler.column(
                batch, at(table, "message_bytes"), n, r -> messageBytes(rows.arg(r, 20), rows.arg(r, 21)));
        batch.setSize(n);
        return batch;
    }

    /// Percent to ratio and the like, on the bits of a double.
    private static long scaled(long bits, double factor) {
        return bits == Segment.NONE ? bits : Double.doubleToRawLongBits(Double.longBitsToDouble(bits) * factor);
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
        Rows rows = new Rows(values, COPY_STRIDE);
        Table table = TraceTables.MEMCPY;
        EventBatch batch = new EventBatch(table, n);
        device(batch, rows, n, launches, processes);
        ChromeAssembler.column(batch, at(table, "bytes"), n, r -> rows.arg(r, 3));
        ChromeAssembler.realColumn(batch, at(table, "bandwidth"), n, r -> scaled(rows.arg(r, 4), 1e9));
        ChromeAssembler.column(batch, at(table, "src_device"), n, r -> rows.arg(r, 5));
        ChromeAssembler.column(batch, at(table, "dst_device"), n, r -> rows.arg(r, 6));
        ChromeAssembler.column(batch, at(table, "graph_node_id"), n, r -> rows.arg(r, 7));
        for (int r = 0; r < n; r++) {
            String name = assembler.string(ChromeRuns.name(rows.get(r, ChromeLinks.TEXTS)));
            batch.texts(at(table, "kind"))[r] = CopyName.kind(name);
            batch.texts(at(table, "src_kind"))[r] = CopyName.from(name);
            batch.texts(at(table, "dst_kind"))[r] = CopyName.to(name);
        }
        batch.setSize(n);
        return batch;
    }

    /// The columns that kernels and copies share.
    private void device(EventBatch batch, Rows rows, int n, long[] launches, long[] processes) {
        Table table = batch.table();
        ChromeAssembler.column(batch, at(table, "id"), n, r -> rows.get(r, ChromeLinks.ID));
        ChromeAssembler.column(batch, at(table, "ts"), n, r -> base + rows.get(r, ChromeLinks.TS));
        ChromeAssembler.column(batch, at(table, "dur"), n, r -> rows.get(r, ChromeLinks.DUR));
        assembler.textColumn(batch, at(table, "name"), n, r -> ChromeRuns.name(rows.get(r, ChromeLinks.TEXTS)));
        ChromeAssembler.column(
                batch, at(table, "device"), n, r -> orElse(rows.arg(r, 0), tracks.device(rows.track(r))));
        ChromeAssembler.column(batch, at(table, "context"), n, r -> rows.arg(r, 1));
        ChromeAssembler.column(
                batch, at(table, "stream"), n, r -> orElse(rows.arg(r, 2), tracks.stream(rows.track(r))));
        ChromeAssembler.column(batch, at(table, "correlation"), n, r -> rows.get(r, ChromeLinks.CORRELATION));
        ChromeAssembler.column(batch, at(table, "external_id"), n, r -> rows.get(r, ChromeLinks.EXTERNAL));
        ChromeAssembler.column(batch, at(table, "launch_id"), n, r -> launches[r]);
        ChromeAssembler.column(batch, at(table, "track_id"), n, r -> tracks.id(rows.track(r)));
        ChromeAssembler.column(batch, at(table, "upid"), n, r -> processes[r]);
        ChromeAssembler.column(batch, at(table, "source_id"), n, r -> context.sourceId());
    }

    private static long orElse(long value, long other) {
        return value != Segment.NONE ? value : other;
    }
}
