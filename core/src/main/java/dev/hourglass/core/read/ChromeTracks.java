package dev.hourglass.core.read;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.TraceTables;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;

/// Processes, threads and tracks of a trace, from the pairs that its events name.
final class ChromeTracks {
    private final ChromeAssembler assembler;
    private final ChromeTimeline timeline;
    private final TrackKeys keys;
    private final ImportContext context;

    /// Per track number.
    private final long[] ids;
    private final boolean[] used;
    private final long[] device;
    private final long[] stream;
    private final long[] utids;
    private final long[] upids;
    private final Map<Integer, Long> processes = new LinkedHashMap<>();
    private final Map<Integer, String> processNames = new HashMap<>();
    private final Map<Integer, TreeSet<String>> processLabels = new HashMap<>();
    private final Map<Integer, String> threadNames = new HashMap<>();

    ChromeTracks(ChromeAssembler assembler, ChromeTimeline timeline, TrackKeys keys, ImportContext context) {
        this.assembler = assembler;
        this.timeline = timeline;
        this.keys = keys;
        this.context = context;
        int n = timeline.tracks();
        this.ids = new long[n];
        this.used = new boolean[n];
        this.device = filled(n);
        this.stream = filled(n);
        this.utids = filled(n);
        this.upids = filled(n);
        collect();
        assign();
    }

    private static long[] filled(int n) {
        long[] array = new long[n];
        Arrays.fill(array, Segment.NONE);
        return array;
    }

    long id(int track) {
        return ids[track];
    }

    /// Thread of a track, [Segment#NONE] where it is not a thread's.
    long utid(int track) {
        return utids[track];
    }

    long upid(int track) {
        return upids[track];
    }

    /// Process that a pair names, whether or not it became a track.
    long processOf(int key) {
        return process(key);
    }

    long device(int track) {
        return device[track];
    }

    long stream(int track) {
        return stream[track];
    }

    boolean isStream(int track) {
        return stream[track] != Segment.NONE;
    }

    private void collect() {
        for (int slice = 0; slice < timeline.n; slice++) {
            used[timeline.track[slice]] = true;
        }
        for (Segment segment : timeline.segments()) {
            streams(segment, segment.kernels);
            streams(segment, segment.copies);
            for (int c = 0; c < segment.counters.size; c++) {
                process((int) segment.counters.get(c, Segment.COUNTER_TRACK));
            }
            for (int m = 0; m < segment.metadata.size; m++) {
                metadata(segment.metadata, m);
            }
        }
    }

    private void streams(Segment segment, Segment.Rows rows) {
        for (int r = 0; r < rows.size; r++) {
            int track = segment.track[(int) rows.get(r, 0)];
            if (stream[track] == Segment.NONE) {
                stream[track] = orNumber(rows.get(r, 3), keys.tid(track));
                device[track] = orNumber(rows.get(r, 1), keys.pid(track));
            }
        }
    }

    private long orNumber(long value, int text) {
        return value != Segment.NONE ? value : number(text).orElse(0);
    }

    private OptionalLong number(int text) {
        String digits = assembler.string(text);
        return digits.matches("-?\\d{1,18}") ? OptionalLong.of(Long.parseLong(digits)) : OptionalLong.empty();
    }

    private void metadata(Segment.Rows rows, int row) {
        int track = (int) rows.get(row, Segment.META_TRACK);
        int text = (int) rows.get(row, Segment.META_TEXT);
        if (text == Segment.NO_TEXT) {
            return;
        }
        switch (assembler.string((int) rows.get(row, Segment.META_NAME))) {
            case "process_name" -> processNames.put(keys.pid(track), assembler.string(text));
            case "process_labels" ->
                processLabels
                        .computeIfAbsent(keys.pid(track), pid -> new TreeSet<>())
                        .add(assembler.string(text));
            case "thread_name" -> {
                threadNames.put(track, assembler.string(text));
                used[track] = true;
            }
            default -> {}
        }
    }

    private long process(int track) {
        return processes.computeIfAbsent(keys.pid(track), pid -> context.take(ImportContext.Id.PROCESS, 1));
    }

    private void assign() {
        for (int track = 0; track < ids.length; track++) {
            if (!used[track]) {
                continue;
            }
            ids[track] = context.take(ImportContext.Id.TRACK, 1);
            if (track < timeline.keyTracks()) {
                upids[track] = process(track);
                if (!isStream(track)) {
                    utids[track] = context.take(ImportContext.Id.THREAD, 1);
                }
            } else {
                upids[track] = process(keyTrackOf(track));
            }
        }
    }

    private int keyTrackOf(int asyncTrack) {
        int sample = timeline.asyncSample(asyncTrack);
        int s = timeline.segmentOf(sample);
        return timeline.segments().get(s).track[sample - timeline.firstOf[s]];
    }

    void write(BatchSink sink) {
        writeProcesses(sink);
        try (RowWriter tracks = new RowWriter(TraceTables.TRACK, sink);
                RowWriter threads = new RowWriter(TraceTables.THREAD, sink)) {
            for (int track = 0; track < ids.length; track++) {
                if (used[track]) {
                    writeTrack(track, tracks, threads);
                }
            }
        }
    }

    private void writeProcesses(BatchSink sink) {
        try (RowWriter rows = new RowWriter(TraceTables.PROCESS, sink)) {
            for (Map.Entry<Integer, Long> process : processes.entrySet()) {
                int pid = process.getKey();
                rows.set("upid", process.getValue()).set("source_id", context.sourceId());
                number(pid).ifPresent(value -> rows.set("pid", value));
                String name = processNames.getOrDefault(pid, number(pid).isPresent() ? "" : assembler.string(pid));
                if (!name.isEmpty()) {
                    rows.set("name", name);
                }
                TreeSet<String> labels = processLabels.get(pid);
                if (labels != null) {
                    rows.set("labels", String.join(", ", labels));
                }
                rows.end();
            }
        }
    }

    private void writeTrack(int track, RowWriter tracks, RowWriter threads) {
        tracks.set("id", ids[track]).set("upid", upids[track]).set("source_id", context.sourceId());
        if (track >= timeline.keyTracks()) {
            tracks.set("type", "async").set("name", assembler.string(timeline.name(timeline.asyncSample(track))));
        } else if (isStream(track)) {
            tracks.set("type", "stream")
                    .set("name", "GPU " + device[track] + " stream " + stream[track])
                    .set("device", device[track])
                    .set("stream", stream[track]);
        } else {
            String tid = assembler.string(keys.tid(track));
            String name =
                    threadNames.getOrDefault(track, number(keys.tid(track)).isPresent() ? "thread " + tid : tid);
            tracks.set("type", "thread").set("name", name).set("utid", utids[track]);
            threads.set("utid", utids[track]).set("upid", upids[track]).set("source_id", context.sourceId());
            number(keys.tid(track)).ifPresent(value -> threads.set("tid", value));
            threads.set("name", name)
                    .set("is_main_thread", keys.tid(track) == keys.pid(track) && keys.tid(track) >= 0)
                    .end();
        }
        tracks.end();
    }
}
