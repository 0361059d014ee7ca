package dev.hourglass.core.read.chrome;

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
import java.util.regex.Pattern;

/// Processes, threads and tracks of a trace, from the pairs that its events name.
final class ChromeTracks {
    /// That of a process with nothing before its number.
    static final long NO_GROUP = 0;

    private static final int ASYNC = -2;
    private static final Pattern PROCESS_NUMBER = Pattern.compile("\\d+$");

    /// An asynchronous track: the pair of its first event, and that event's name.
    private record Async(int pair, int name) {}

    private final ChromeAssembler assembler;
    private final TrackKeys keys;
    private final ImportContext context;

    /// Per track number.
    private boolean[] used = new boolean[64];
    private long[] device = filled(64);
    private long[] stream = filled(64);
    private long[] ids = new long[0];
    private long[] utids = new long[0];
    private long[] upids = new long[0];
    private final Map<Integer, Async> asyncs = new HashMap<>();
    private final Map<Long, Integer> asyncNumbers = new HashMap<>();
    private final Map<Integer, Long> processes = new LinkedHashMap<>();
    private final Map<Integer, Long> pidGroups = new HashMap<>();
    private final Map<String, Long> groupNumbers = new HashMap<>();
    private final Map<Integer, String> processNames = new HashMap<>();
    private final Map<Integer, TreeSet<String>> processLabels = new HashMap<>();
    private final Map<Integer, String> threadNames = new HashMap<>();

    ChromeTracks(ChromeAssembler assembler, TrackKeys keys, ImportContext context) {
        this.assembler = assembler;
        this.keys = keys;
        this.context = context;
    }

    private static long[] filled(int n) {
        long[] array = new long[n];
        Arrays.fill(array, Segment.NONE);
        return array;
    }

    long id(int track) {
        return ids[track];
    }

    /// Identifiers by the number of the track.
    long[] ids() {
        return ids;
    }

    /// Threads by the number of the track, [Segment#NONE] where it is not a thread's.
    long[] utids() {
        return utids;
    }

    /// Processes by the number of the track.
    long[] upids() {
        return upids;
    }

    /// GPUs by the number of the track, [Segment#NONE] where it is not a stream.
    long[] devices() {
        return device;
    }

    /// Streams by the number of the track, [Segment#NONE] where it is not one.
    long[] streams() {
        return stream;
    }

    /// Thread of a track, [Segment#NONE] where it is not a thread's.
    long utid(int track) {
        return utids[track];
    }

    long upid(int track) {
        return upids[track];
    }

    /// The process of a track as the trace names it.
    String pidText(int track) {
        return assembler.string(keys.pid(track));
    }

    /// What tools that merge traces put before the process of a track, such as `[TP00] ` before `4711`, by a number.
    long group(int track) {
        return pidGroups.computeIfAbsent(keys.pid(track), pid -> {
            String before = PROCESS_NUMBER.matcher(assembler.string(pid)).replaceFirst("");
            return before.isEmpty() ? NO_GROUP : groupNumbers.computeIfAbsent(before, b -> groupNumbers.size() + 1L);
        });
    }

    /// Whether a track's process is named by this number.
    boolean isPid(int track, long value) {
        return value != Segment.NONE && pidText(track).equals(Long.toString(value));
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

    /// Number of the track of the asynchronous events with a category and an id.
    int async(int category, int id) {
        long key = ((long) category << 32) | (id & 0xFFFFFFFFL);
        return asyncNumbers.computeIfAbsent(key, k -> keys.number(ASYNC, asyncNumbers.size()));
    }

    /// Lays the asynchronous events of a segment on tracks of their own.
    void separate(Segment segment) {
        for (int i = 0; i < Math.min(segment.slices, segment.asyncId.length); i++) {
            byte phase = segment.phase[i];
            if (phase == 'b' || phase == 'n' || phase == 'S') {
                int track = async(segment.category[i], segment.asyncId[i]);
                asyncs.putIfAbsent(track, new Async(segment.track[i], segment.name[i]));
                segment.track[i] = track;
            }
        }
    }

    /// Learns from the events of a segment which tracks there are.
    void learn(Segment segment) {
        room(keys.size());
        for (int i = 0; i < segment.slices; i++) {
            used[segment.track[i]] = true;
        }
        streams(segment, segment.kernels);
        streams(segment, segment.copies);
        for (int c = 0; c < segment.counters.size; c++) {
            process((int) segment.counters.get(c, Segment.COUNTER_TRACK));
        }
        for (int m = 0; m < segment.metadata.size; m++) {
            metadata(segment.metadata, m);
        }
    }

    private void room(int tracks) {
        int old = used.length;
        if (tracks > old) {
            int capacity = Math.max(tracks, old * 2);
            used = Arrays.copyOf(used, capacity);
            device = Arrays.copyOf(device, capacity);
            stream = Arrays.copyOf(stream, capacity);
            Arrays.fill(device, old, capacity, Segment.NONE);
            Arrays.fill(stream, old, capacity, Segment.NONE);
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

    /// Gives every track its identifiers. No event comes after this.
    void assign() {
        int n = keys.size();
        room(n);
        ids = new long[n];
        utids = filled(n);
        upids = filled(n);
        for (int track = 0; track < n; track++) {
            if (!used[track]) {
                continue;
            }
            ids[track] = context.take(ImportContext.Id.TRACK, 1);
            Async async = asyncs.get(track);
            upids[track] = process(async == null ? track : async.pair());
            if (async == null && !isStream(track)) {
                utids[track] = context.take(ImportContext.Id.THREAD, 1);
            }
        }
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
        Async async = asyncs.get(track);
        if (async != null) {
            tracks.set("type", "async").set("name", assembler.string(async.name()));
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
