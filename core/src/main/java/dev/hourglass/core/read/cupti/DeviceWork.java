package dev.hourglass.core.read.cupti;

import dev.hourglass.core.read.LaunchCalls;
import dev.hourglass.core.read.RowSpill;
import dev.hourglass.core.read.SliceWriter;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.TraceTables;
import java.util.List;

/// Writes the work of devices, when all calls are there.
final class DeviceWork implements AutoCloseable {
    private static final int CHUNK = 512;

    /// CUpti_ActivityMemcpyKind.
    private static final List<String> COPY_KINDS = List.of(
            "unknown", "HtoD", "DtoH", "unknown", "unknown", "unknown", "unknown", "unknown", "DtoD", "HtoH", "PtoP");
    /// CUpti_ActivityMemoryKind.
    private static final List<String> MEMORY_KINDS =
            List.of("unknown", "pageable", "pinned", "device", "device", "managed", "device", "managed");
    /// CUpti_ActivitySynchronizationType.
    private static final List<String> SYNC_KINDS =
            List.of("Sync", "Event Sync", "Stream Wait Event", "Stream Sync", "Context Sync");

    private static final String[] GRID = {"grid_x", "grid_y", "grid_z", "block_x", "block_y", "block_z"};
    private static final String PEER = "PtoP";
    private static final long BYTE = 0xFF;

    private final ImportContext context;
    private final SliceWriter slices;
    private final LaunchCalls calls;
    private final ActivityTracks tracks;
    private final RowWriter kernels;
    private final RowWriter copies;
    private final RowWriter args;

    /// Of one piece of work: its slice, its track, what started it.
    private record Placed(long id, long track, long launch) {}

    /// Writes one row of a process.
    private interface Each {
        void row(ProcessActivities process, long[] rows, int at, Times times);
    }

    DeviceWork(BatchSink sink, ImportContext context, SliceWriter slices, LaunchCalls calls, ActivityTracks tracks) {
        this.context = context;
        this.slices = slices;
        this.calls = calls;
        this.tracks = tracks;
        this.kernels = new RowWriter(TraceTables.KERNEL, sink);
        this.copies = new RowWriter(TraceTables.MEMCPY, sink);
        this.args = new RowWriter(TraceTables.ARG_VALUE, sink);
    }

    void write(ProcessActivities process) {
        each(process, process.kernels, "kernel", this::kernel);
        each(process, process.copies, "memcpy", this::copy);
        each(process, process.sets, "memset", this::set);
        each(process, process.graphs, "cuda_graph", this::graph);
        each(process, process.waits, "cuda_sync", this::sync);
        if (process.graphs.size() > 0) {
            context.stats()
                    .count(
                            "opaque_graph",
                            Severity.NOTICE,
                            process.graphs.size(),
                            "graph launches traced as wholes, without their kernels; record with graphs=nodes");
        }
    }

    private void each(ProcessActivities process, RowSpill spill, String what, Each each) {
        long[] written = {0};
        spill.forEach(CHUNK, (rows, count) -> {
            for (int at = 0; at < count * spill.stride; at += spill.stride) {
                Times times =
                        Times.of(process.clocks, rows[at + ProcessActivities.START], rows[at + ProcessActivities.END]);
                if (times.isKnown()) {
                    each.row(process, rows, at, times);
                    written[0]++;
                } else {
                    context.stats()
                            .count(
                                    "impossible_time",
                                    Severity.DATA_LOSS,
                                    "process " + process.pid + ": " + what + " without a possible time");
                }
            }
        });
        context.stats().read(what, written[0]);
    }

    private Placed place(ProcessActivities process, long[] rows, int at, Times times, String name, String category) {
        long track = tracks.stream(
                process.pid,
                rows[at + ProcessActivities.DEVICE],
                rows[at + ProcessActivities.CONTEXT],
                rows[at + ProcessActivities.STREAM]);
        long id = slices.add(track, times.ts(), times.dur(), name, category);
        long correlation = rows[at + ProcessActivities.CORRELATION];
        if (correlation != 0) {
            slices.withCorrelation(correlation);
        }
        long launch = calls.started(id, LaunchCalls.thread(process.pid, 0), correlation, times.ts(), times.dur());
        if (launch == LaunchCalls.NONE) {
            context.stats()
                    .count("no_launch", Severity.INFO, "device work whose launch call was not recorded, first " + name);
        }
        return new Placed(id, track, launch);
    }

    /// Sets the columns that kernels and copies share.
    private void device(RowWriter out, ProcessActivities process, long[] rows, int at, Times times, Placed placed) {
        out.set("id", placed.id)
                .set("ts", times.ts())
                .set("dur", times.dur())
                .set("track_id", placed.track)
                .set("device", rows[at + ProcessActivities.DEVICE])
                .set("context", rows[at + ProcessActivities.CONTEXT])
                .set("stream", rows[at + ProcessActivities.STREAM])
                .set("upid", tracks.upid(LaunchCalls.thread(process.pid, 0)))
                .set("source_id", context.sourceId());
        if (rows[at + ProcessActivities.CORRELATION] != 0) {
            out.set("correlation", rows[at + ProcessActivities.CORRELATION]);
        }
        if (placed.launch != LaunchCalls.NONE) {
            out.set("launch_id", placed.launch);
        }
    }

    private void kernel(ProcessActivities process, long[] rows, int at, Times times) {
        String name = process.kernelName(rows[at + ProcessActivities.NAME]);
        Placed placed = place(process, rows, at, times, name, "kernel");
        device(kernels, process, rows, at, times, placed);
        kernels.set("name", name)
                .set("registers", rows[at + ProcessActivities.REGISTERS])
                .set("shared_bytes", rows[at + ProcessActivities.SHARED]);
        for (int i = 0; i < GRID.length; i++) {
            kernels.set(GRID[i], rows[at + ProcessActivities.GRID + i]);
        }
        if (rows[at + ProcessActivities.NODE] != 0) {
            kernels.set("graph_node_id", rows[at + ProcessActivities.NODE])
                    .set("graph_id", rows[at + ProcessActivities.GRAPH]);
        }
        kernels.end();
    }

    private void copy(ProcessActivities process, long[] rows, int at, Times times) {
        long kinds = rows[at + ProcessActivities.KINDS];
        long from = rows[at + ProcessActivities.FROM_DEVICE];
        String kind = from >= 0 ? PEER : word(COPY_KINDS, kinds & BYTE);
        String source = word(MEMORY_KINDS, (kinds >> Byte.SIZE) & BYTE);
        String target = word(MEMORY_KINDS, (kinds >> (2 * Byte.SIZE)) & BYTE);
        String name = "Memcpy " + kind + " (" + source + " -> " + target + ")";
        Placed placed = place(process, rows, at, times, name, "gpu_memcpy");
        device(copies, process, rows, at, times, placed);
        copies.set("name", name)
                .set("kind", kind)
                .set("src_kind", source)
                .set("dst_kind", target)
                .set("bytes", rows[at + ProcessActivities.BYTES]);
        if (from >= 0) {
            copies.set("src_device", from).set("dst_device", rows[at + ProcessActivities.TO_DEVICE]);
        }
        if (rows[at + ProcessActivities.MEMORY_NODE] != 0) {
            copies.set("graph_node_id", rows[at + ProcessActivities.MEMORY_NODE]);
        }
        copies.end();
    }

    private void set(ProcessActivities process, long[] rows, int at, Times times) {
        String name = "Memset (" + word(MEMORY_KINDS, rows[at + ProcessActivities.KINDS]) + ")";
        Placed placed = place(process, rows, at, times, name, "gpu_memset");
        slices.withArgs();
        args.set("arg_set_id", placed.id)
                .set("key", "bytes")
                .set("int_value", rows[at + ProcessActivities.BYTES])
                .end();
    }

    private void graph(ProcessActivities process, long[] rows, int at, Times times) {
        place(process, rows, at, times, "CUDA graph " + rows[at + ProcessActivities.NUMBER], "cuda_graph");
    }

    private void sync(ProcessActivities process, long[] rows, int at, Times times) {
        long track =
                tracks.waits(process.pid, rows[at + ProcessActivities.CONTEXT], rows[at + ProcessActivities.STREAM]);
        slices.add(track, times.ts(), times.dur(), word(SYNC_KINDS, rows[at + ProcessActivities.NUMBER]), "cuda_sync");
        if (rows[at + ProcessActivities.CORRELATION] != 0) {
            slices.withCorrelation(rows[at + ProcessActivities.CORRELATION]);
        }
    }

    private static String word(List<String> words, long number) {
        return number < 0 || number >= words.size() ? "unknown" : words.get((int) number);
    }

    @Override
    public void close() {
        kernels.close();
        copies.close();
        args.close();
    }
}
