package dev.hourglass.core.read;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.TraceTables;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Calls of the CUDA runtime and driver, and which device work each started. The two share a number
/// that is unique in a process only.
final class NsysLaunches {
    private static final long NONE = Long.MIN_VALUE;

    private record Key(long process, long correlation) {}

    /// One call, and what is known of its device work so far.
    private static final class Call {
        private final long id;
        private final long ts;
        private final long dur;
        private final String name;
        private final long correlation;
        private final long globalTid;
        private final long track;
        private long ops;
        private long first = NONE;
        private long lastEnd = NONE;

        Call(long id, long ts, long dur, String name, long correlation, long globalTid, long track) {
            this.id = id;
            this.ts = ts;
            this.dur = dur;
            this.name = name;
            this.correlation = correlation;
            this.globalTid = globalTid;
            this.track = track;
        }
    }

    private final ImportContext context;
    private final RowWriter flows;
    private final List<Call> calls = new ArrayList<>();
    private final Map<Key, Call> byKey = new HashMap<>();

    NsysLaunches(BatchSink sink, ImportContext context) {
        this.context = context;
        this.flows = new RowWriter(TraceTables.FLOW, sink);
    }

    void add(long id, long ts, long dur, String name, OptionalLong correlation, long globalTid, long track) {
        Call call = new Call(id, ts, dur, name, correlation.orElse(NONE), globalTid, track);
        calls.add(call);
        correlation.ifPresent(number -> byKey.putIfAbsent(new Key(NsysThreads.process(globalTid), number), call));
    }

    /// The call that started device work, to which it is linked; empty where the recording has none.
    ///
    /// @param id slice of the device work
    OptionalLong started(long id, OptionalLong globalPid, OptionalLong correlation, long ts, long end) {
        Call call = globalPid.isPresent() && correlation.isPresent()
                ? byKey.get(new Key(NsysThreads.process(globalPid.getAsLong()), correlation.getAsLong()))
                : null;
        if (call == null) {
            return OptionalLong.empty();
        }
        flows.set("id", context.take(ImportContext.Id.FLOW, 1))
                .set("slice_out", call.id)
                .set("slice_in", id)
                .set("category", "ac2g")
                .set("trace_id", call.correlation)
                .end();
        call.ops++;
        call.first = call.first == NONE ? ts : Math.min(call.first, ts);
        call.lastEnd = Math.max(call.lastEnd, end);
        return OptionalLong.of(call.id);
    }

    void write(BatchSink sink, NsysThreads threads) {
        flows.close();
        try (RowWriter row = new RowWriter(TraceTables.LAUNCH, sink)) {
            for (Call call : calls) {
                row.set("id", call.id).set("ts", call.ts).set("dur", call.dur).set("name", call.name);
                row.set("kind", kind(call.name)).set("ops", call.ops).set("track_id", call.track);
                set(row, "correlation", call.correlation);
                set(row, "first_ts", call.first);
                set(row, "last_end_ts", call.lastEnd);
                row.set("utid", threads.utid(call.globalTid)).set("upid", threads.upid(call.globalTid));
                row.set("source_id", context.sourceId()).end();
            }
        }
    }

    private static void set(RowWriter row, String column, long value) {
        if (value != NONE) {
            row.set(column, value);
        }
    }

    /// The export appends the version of the call's ABI: `cudaLaunchKernel_v7000`.
    static String plainName(@Nullable String name) {
        return name == null ? "" : name.replaceFirst("(_ptsz|_ptds)?_v\\d+$", "");
    }

    static String kind(String function) {
        if (function.contains("GraphLaunch")) {
            return "graph";
        } else if (function.contains("Launch")) {
            return "kernel";
        } else if (function.contains("Memcpy")) {
            return "memcpy";
        } else if (function.contains("Memset")) {
            return "memset";
        }
        return function.contains("Synchronize") || function.contains("WaitEvent") ? "sync" : "other";
    }
}
