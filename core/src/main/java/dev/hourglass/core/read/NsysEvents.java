package dev.hourglass.core.read;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.ImportContext;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// Reads the tables of one Nsight Systems export, the calls before the device work that they started.
final class NsysEvents extends NsysPart {
    /// Tables of host calls by name: where they go, under which category.
    private static final Map<String, String> HOST_CALLS = Map.of(
            "OSRT_API", "osrt",
            "CUDNN_EVENTS", "cudnn",
            "CUBLAS_EVENTS", "cublas",
            "PROFILER_OVERHEAD", "overhead",
            "MPI_P2P_EVENTS", "mpi",
            "MPI_COLLECTIVES_EVENTS", "mpi",
            "MPI_OTHER_EVENTS", "mpi",
            "UCP_EVENTS", "ucx",
            "NVSHMEM_EVENTS", "nvshmem",
            "SYSCALL", "syscall");

    NsysEvents(NsysDatabase database, BatchSink sink, ImportContext context, long offset) {
        super(database, sink, context, offset);
    }

    @Override
    void read() {
        try (threads;
                slices;
                launches) {
            calls();
            new NsysDeviceWork(this).read();
            new NsysAnnotations(this).read();
            HOST_CALLS.forEach(this::hostCalls);
            new NsysSamples(this).read();
            launches.write(sink, threads);
        }
        new NsysFacts(this).read();
    }

    private void calls() {
        String table = "CUPTI_ACTIVITY_KIND_RUNTIME";
        counted = 0;
        database.each(table, List.of("start", "end", "globalTid", "correlationId", "nameId"), row -> {
            OptionalLong start = row.integer(0);
            if (starts(start, table)) {
                long thread = row.integer(2).orElse(0);
                String name = NsysLaunches.plainName(database.string(row.integer(4)));
                long dur = duration(start, row.integer(1), table);
                long track = threads.threadTrack(thread);
                boolean driver = name.startsWith("cu") && name.length() > 2 && Character.isUpperCase(name.charAt(2));
                long id = slices.add(track, at(start), dur, name, driver ? "cuda_driver" : "cuda_runtime");
                row.integer(3).ifPresent(slices::withCorrelation);
                launches.add(id, at(start), dur, name, row.integer(3), thread, track);
                counted++;
            }
        });
        context.stats().read("launch", counted);
    }

    private void hostCalls(String table, String category) {
        counted = 0;
        boolean byText = !database.has(table, "nameId") && database.has(table, "textId");
        database.each(table, List.of("start", "end", "globalTid", byText ? "textId" : "nameId"), row -> {
            OptionalLong start = row.integer(0);
            if (starts(start, table)) {
                long thread = row.integer(2).orElse(0);
                boolean apart = category.equals("overhead") || category.equals("syscall");
                long track = apart ? threads.asyncTrack(thread, category) : threads.threadTrack(thread);
                slices.add(
                        track,
                        at(start),
                        duration(start, row.integer(1), table),
                        database.string(row.integer(3)),
                        category);
                counted++;
            }
        });
        context.stats().read(category, counted);
    }
}
