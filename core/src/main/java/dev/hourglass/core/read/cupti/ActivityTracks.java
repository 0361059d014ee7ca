package dev.hourglass.core.read.cupti;

import dev.hourglass.core.read.LaunchCalls;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.TraceTables;
import java.util.HashMap;
import java.util.Map;

/// Processes, threads and tracks, written when first met.
final class ActivityTracks implements LaunchCalls.Threads, AutoCloseable {
    /// What CUPTI has for the stream of a wait that is for none.
    private static final long NO_STREAM = 0xFFFF_FFFFL;

    /// @param device -1 where it is not told
    private record Stream(long pid, long device, long context, long stream, boolean waits) {}

    private final ImportContext context;
    private final RowWriter processes;
    private final RowWriter threads;
    private final RowWriter tracks;
    private final Map<Long, String> names = new HashMap<>();
    private final Map<Long, String> threadNames = new HashMap<>();
    private final Map<Long, Long> upids = new HashMap<>();
    private final Map<Long, Long> utids = new HashMap<>();
    private final Map<Long, Long> threadTracks = new HashMap<>();
    private final Map<Stream, Long> streams = new HashMap<>();

    ActivityTracks(BatchSink sink, ImportContext context) {
        this.context = context;
        this.processes = new RowWriter(TraceTables.PROCESS, sink);
        this.threads = new RowWriter(TraceTables.THREAD, sink);
        this.tracks = new RowWriter(TraceTables.TRACK, sink);
    }

    void nameProcess(long pid, String name) {
        names.put(LaunchCalls.thread(pid, 0), name);
    }

    void nameThread(long pid, long tid, String name) {
        threadNames.put(LaunchCalls.thread(pid, tid), name);
    }

    @Override
    public long upid(long thread) {
        return upids.computeIfAbsent(LaunchCalls.process(thread), process -> {
            long upid = context.take(ImportContext.Id.PROCESS, 1);
            long pid = process >>> 24;
            processes
                    .set("upid", upid)
                    .set("pid", pid)
                    .set("name", names.getOrDefault(process, "process " + pid))
                    .set("source_id", context.sourceId())
                    .end();
            return upid;
        });
    }

    private String threadName(long thread) {
        return threadNames.getOrDefault(thread, "thread " + tid(thread));
    }

    private static long tid(long thread) {
        return thread - LaunchCalls.process(thread);
    }

    @Override
    public long utid(long thread) {
        Long known = utids.get(thread);
        if (known != null) {
            return known;
        }
        long utid = context.take(ImportContext.Id.THREAD, 1);
        utids.put(thread, utid);
        threads.set("utid", utid)
                .set("tid", tid(thread))
                .set("name", threadName(thread))
                .set("upid", upid(thread))
                .set("is_main_thread", tid(thread) == thread >>> 24)
                .set("source_id", context.sourceId())
                .end();
        return utid;
    }

    @Override
    public long threadTrack(long thread) {
        Long known = threadTracks.get(thread);
        if (known != null) {
            return known;
        }
        long track = context.take(ImportContext.Id.TRACK, 1);
        threadTracks.put(thread, track);
        tracks.set("id", track)
                .set("name", threadName(thread))
                .set("type", "thread")
                .set("utid", utid(thread))
                .set("upid", upid(thread))
                .set("source_id", context.sourceId())
                .end();
        return track;
    }

    /// The track of a stream's work.
    long stream(long pid, long device, long contextId, long stream) {
        return track(new Stream(pid, device, contextId, stream, false), "");
    }

    /// The track of waits for a stream, or for a whole context.
    long waits(long pid, long contextId, long stream) {
        long device = streams.keySet().stream()
                .filter(s -> s.pid == pid && s.context == contextId && !s.waits)
                .mapToLong(Stream::device)
                .findFirst()
                .orElse(-1);
        return track(new Stream(pid, device, contextId, stream, true), "synchronisation of ");
    }

    private long track(Stream key, String prefix) {
        Long known = streams.get(key);
        if (known != null) {
            return known;
        }
        long track = context.take(ImportContext.Id.TRACK, 1);
        streams.put(key, track);
        String gpu = key.device < 0 ? "GPU not told," : "GPU " + key.device;
        boolean whole = key.waits && key.stream == NO_STREAM;
        tracks.set("id", track)
                .set("name", prefix + gpu + (whole ? " all streams" : " stream " + key.stream))
                .set("type", key.waits ? "async" : "stream");
        if (key.device >= 0) {
            tracks.set("device", key.device);
        }
        if (!whole) {
            tracks.set("stream", key.stream);
        }
        tracks.set("upid", upid(LaunchCalls.thread(key.pid, 0)))
                .set("source_id", context.sourceId())
                .end();
        return track;
    }

    @Override
    public void close() {
        processes.close();
        threads.close();
        tracks.close();
    }
}
