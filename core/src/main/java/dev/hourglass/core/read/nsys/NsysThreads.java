package dev.hourglass.core.read.nsys;

import dev.hourglass.core.read.LaunchCalls;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.TraceTables;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Processes, threads and tracks of an Nsight Systems export, written when first met: the export lists
/// every process of the machine.
///
/// Layout of a `globalTid`, most significant first: `hardware 8 | machine 8 | process 24 | thread 24`;
/// a `globalPid` has thread 0.
final class NsysThreads implements LaunchCalls.Threads, AutoCloseable {
    private static final long MASK = 0xFFFFFF;

    /// What has a track. Compared for every row, hence by hand.
    private record Stream(long process, long device, long context, long stream, String prefix) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Stream that
                    && stream == that.stream
                    && device == that.device
                    && context == that.context
                    && process == that.process
                    && prefix.equals(that.prefix);
        }

        @Override
        public int hashCode() {
            return Long.hashCode(((process * 31 + context) * 31 + device) * 31 + stream) + prefix.hashCode();
        }
    }

    private final NsysDatabase database;
    private final ImportContext context;
    private final RowWriter processes;
    private final RowWriter threads;
    private final RowWriter tracks;
    private final Map<Long, String> processNames = new HashMap<>();
    private final Map<Long, String> threadNames = new HashMap<>();
    private final Map<Long, Long> upids = new HashMap<>();
    private final Map<Long, Long> utids = new HashMap<>();
    private final Map<Long, Long> threadTracks = new HashMap<>();
    private final Map<Stream, Long> streams = new HashMap<>();

    NsysThreads(NsysDatabase database, BatchSink sink, ImportContext context) {
        this.database = database;
        this.context = context;
        this.processes = new RowWriter(TraceTables.PROCESS, sink);
        this.threads = new RowWriter(TraceTables.THREAD, sink);
        this.tracks = new RowWriter(TraceTables.TRACK, sink);
        readNames();
    }

    static long pid(long globalTid) {
        return globalTid >>> 24 & MASK;
    }

    static long tid(long globalTid) {
        return globalTid & MASK;
    }

    @Override
    public long upid(long globalPid) {
        long process = LaunchCalls.process(globalPid);
        Long known = upids.get(process);
        return known != null ? known : upids.computeIfAbsent(process, this::writeProcess);
    }

    @Override
    public long utid(long globalTid) {
        Long known = utids.get(globalTid);
        return known != null ? known : utids.computeIfAbsent(globalTid, this::writeThread);
    }

    @Override
    public long threadTrack(long globalTid) {
        Long known = threadTracks.get(globalTid);
        if (known != null) {
            return known;
        }
        return threadTracks.computeIfAbsent(globalTid, tid -> {
            long track = context.take(ImportContext.Id.TRACK, 1);
            tracks.set("id", track)
                    .set("name", threadName(tid))
                    .set("type", "thread")
                    .set("utid", utid(tid))
                    .set("upid", upid(tid))
                    .set("source_id", context.sourceId())
                    .end();
            return track;
        });
    }

    /// A track beside a thread's, for spans that need not nest.
    long asyncTrack(long globalTid, String prefix) {
        return streams.computeIfAbsent(new Stream(globalTid, -1, -1, -1, prefix), key -> {
            long track = context.take(ImportContext.Id.TRACK, 1);
            tracks.set("id", track)
                    .set("name", prefix + " of " + threadName(globalTid))
                    .set("type", "async")
                    .set("utid", utid(globalTid))
                    .set("upid", upid(globalTid))
                    .set("source_id", context.sourceId())
                    .end();
            return track;
        });
    }

    /// The track of device work.
    ///
    /// @param row whose columns 3, 4 and 6 are context, stream and `globalPid`
    /// @param device empty where it is not told
    /// @param prefix what stands before the stream's number; empty for device work itself
    long streamTrack(NsysRow row, OptionalLong device, String prefix) {
        Stream key = new Stream(row.integer(6, -1), device.orElse(-1), row.integer(3, -1), row.integer(4, -1), prefix);
        Long known = streams.get(key);
        if (known != null) {
            return known;
        }
        long track = context.take(ImportContext.Id.TRACK, 1);
        streams.put(key, track);
        tracks.set("id", track)
                .set(
                        "name",
                        prefix + (key.device < 0 ? "GPU not told," : "GPU " + key.device) + " stream " + key.stream)
                .set("type", prefix.isEmpty() ? "stream" : "async");
        device.ifPresent(d -> tracks.set("device", d));
        NsysPart.set(tracks, "stream", row, 4);
        if (row.has(6)) {
            tracks.set("upid", upid(row.integer(6)));
        }
        tracks.set("source_id", context.sourceId()).end();
        return track;
    }

    /// The device on which other work of a process's context ran; empty where none was met.
    OptionalLong deviceOf(long globalPid, long contextId) {
        return streams.keySet().stream()
                .filter(s -> s.process == globalPid && s.context == contextId && s.device >= 0)
                .mapToLong(Stream::device)
                .findFirst();
    }

    long counterTrack(String name, String unit, OptionalLong device) {
        long track = context.take(ImportContext.Id.TRACK, 1);
        tracks.set("id", track).set("name", name).set("type", "counter").set("unit", unit);
        device.ifPresent(d -> tracks.set("device", d));
        tracks.set("source_id", context.sourceId()).end();
        return track;
    }

    /// The thread's name; its number where it has none.
    String threadName(long globalTid) {
        String name = threadNames.get(globalTid);
        if (name == null || name.isEmpty()) {
            name = "thread " + tid(globalTid);
            threadNames.put(globalTid, name);
        }
        return name;
    }

    @Override
    public void close() {
        processes.close();
        threads.close();
        tracks.close();
    }

    private void readNames() {
        database.each("PROCESSES", List.of("globalPid", "name"), row -> put(row, processNames, row.text(1)));
        database.each(
                "ThreadNames", List.of("globalTid", "nameId"), row -> put(row, threadNames, database.string(row, 1)));
    }

    private static void put(NsysRow row, Map<Long, String> names, String name) {
        if (row.has(0)) {
            names.put(row.integer(0), name);
        }
    }

    private long writeProcess(long globalPid) {
        long upid = context.take(ImportContext.Id.PROCESS, 1);
        String name = processNames.getOrDefault(globalPid, "");
        processes
                .set("upid", upid)
                .set("pid", pid(globalPid))
                .set("name", name.isEmpty() ? "process " + pid(globalPid) : name)
                .set("source_id", context.sourceId())
                .end();
        return upid;
    }

    private long writeThread(long globalTid) {
        long upid = upid(globalTid);
        long utid = context.take(ImportContext.Id.THREAD, 1);
        threads.set("utid", utid)
                .set("tid", tid(globalTid))
                .set("name", threadName(globalTid))
                .set("upid", upid)
                .set("is_main_thread", tid(globalTid) == pid(globalTid))
                .set("source_id", context.sourceId())
                .end();
        return utid;
    }
}
