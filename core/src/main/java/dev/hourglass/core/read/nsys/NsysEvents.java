package dev.hourglass.core.read.nsys;

import dev.hourglass.core.read.LaunchCalls;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.ImportContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
        Map<Long, LaunchCalls.Name> names = new HashMap<>();
        database.each(table, List.of("start", "end", "globalTid", "correlationId", "nameId"), row -> {
            if (starts(row, 0, table)) {
                LaunchCalls.Name name = name(row, names);
                long thread = row.integer(2);
                long ts = at(row.integer(0));
                long dur = duration(row, table);
                long id = slices.add(threads.threadTrack(thread), ts, dur, name.plain(), name.category());
                long correlation = row.integer(3) == 0 ? LaunchCalls.NONE : row.integer(3);
                if (correlation != LaunchCalls.NONE) {
                    slices.withCorrelation(correlation);
                }
                launches.add(id, ts, dur, name, correlation, thread);
                counted++;
            }
        });
        context.stats().read("launch", counted);
    }

    /// The function that a call's column 4 refers to.
    private LaunchCalls.Name name(NsysRow row, Map<Long, LaunchCalls.Name> names) {
        long id = row.integer(4, LaunchCalls.NONE);
        LaunchCalls.Name known = names.get(id);
        if (known == null) {
            known = launches.name(database.string(row, 4));
            names.put(id, known);
        }
        return known;
    }

    private void hostCalls(String table, String category) {
        counted = 0;
        boolean byText = !database.has(table, "nameId") && database.has(table, "textId");
        boolean apart = category.equals("overhead") || category.equals("syscall");
        database.each(table, List.of("start", "end", "globalTid", byText ? "textId" : "nameId"), row -> {
            if (starts(row, 0, table)) {
                long thread = row.integer(2);
                long track = apart ? threads.asyncTrack(thread, category) : threads.threadTrack(thread);
                slices.add(track, at(row.integer(0)), duration(row, table), database.string(row, 3), category);
                counted++;
            }
        });
        context.stats().read(category, counted);
    }
}
