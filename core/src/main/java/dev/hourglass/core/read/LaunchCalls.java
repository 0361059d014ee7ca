package dev.hourglass.core.read;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.TraceTables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Calls of the CUDA runtime and driver, and which device work each started. The two share a number
/// that is unique in a process only.
///
/// Of a call some 40 bytes stay in memory until all device work is read; the rest is put aside. A thread is one
/// number, most significant first: `anything 16 | process 24 | thread 24`.
public final class LaunchCalls implements AutoCloseable {
    /// No call, no time, no number.
    public static final long NONE = Long.MIN_VALUE;
    private static final long THREAD_MASK = 0xFFFFFF;
    private static final int CHUNK = 4096;
    private static final List<String> STREAMS = List.of("_ptsz", "_ptds");

    private static final int TS = 0;
    private static final int DUR = 1;
    private static final int NAME = 2;
    private static final int CORRELATION = 3;
    private static final int THREAD = 4;
    private static final int STRIDE = 5;

    /// A function that is called.
    ///
    /// @param number among all that are called
    public record Name(int number, String plain, String kind, String category) {}

    /// Where threads are shown.
    public interface Threads {
        /// The track of a thread's calls.
        long threadTrack(long thread);

        /// The thread's row.
        long utid(long thread);

        /// The row of its process.
        long upid(long thread);
    }

    private final ImportContext context;
    private final RowWriter flows;
    private final Scratch scratch;
    private final RowSpill calls;
    private final List<Name> names = new ArrayList<>();
    private final Map<Long, Integer> processes = new HashMap<>();

    private int n;
    private long firstId;
    /// Process and correlation of each call, or [#NONE].
    private long[] keys = new long[1024];
    private int[] ops = new int[1024];
    private long[] first = new long[1024];
    private long[] lastEnd = new long[1024];
    /// Open addressing from a key to one more than the first call that has it; 0 for none.
    private int[] byKey = new int[4096];

    public LaunchCalls(BatchSink sink, ImportContext context) {
        this.context = context;
        this.flows = new RowWriter(TraceTables.FLOW, sink);
        this.scratch = new Scratch(context.scratch(), Scratch.IN_MEMORY);
        this.calls = new RowSpill(scratch, STRIDE);
    }

    /// The number of a thread, of whose own numbers as much is kept as fits.
    public static long thread(long pid, long tid) {
        return ((pid & THREAD_MASK) << 24) | (tid & THREAD_MASK);
    }

    /// The process of a thread, as a thread without a number.
    public static long process(long thread) {
        return thread & ~THREAD_MASK;
    }

    /// A function by the name that its producer has for it.
    public Name name(String exported) {
        String plain = plainName(exported);
        boolean driver = plain.startsWith("cu") && plain.length() > 2 && Character.isUpperCase(plain.charAt(2));
        Name name = new Name(names.size(), plain, kind(plain), driver ? "cuda_driver" : "cuda_runtime");
        names.add(name);
        return name;
    }

    /// @param id slice of the call, one more than that of the call before
    /// @param correlation the number that it shares with device work, or [#NONE]
    public void add(long id, long ts, long dur, Name name, long correlation, long thread) {
        if (n == 0) {
            firstId = id;
        } else if (id != firstId + n) {
            throw new IllegalStateException("call " + id + " does not follow " + (firstId + n - 1));
        }
        int at = calls.add();
        calls.values[at + TS] = ts;
        calls.values[at + DUR] = dur;
        calls.values[at + NAME] = name.number();
        calls.values[at + CORRELATION] = correlation;
        calls.values[at + THREAD] = thread;
        if (n == keys.length) {
            grow();
        }
        keys[n] = key(process(thread), correlation);
        first[n] = NONE;
        lastEnd[n] = NONE;
        n++;
        if (4 * (long) n > 3L * byKey.length) {
            rehash();
        } else {
            enter(n - 1);
        }
    }

    private void grow() {
        int capacity = n + (n >> 1);
        keys = Arrays.copyOf(keys, capacity);
        ops = Arrays.copyOf(ops, capacity);
        first = Arrays.copyOf(first, capacity);
        lastEnd = Arrays.copyOf(lastEnd, capacity);
    }

    /// The process in the upper half, the tool's 32-bit number in the lower; [#NONE] for what is no such
    /// number.
    private long key(long process, long correlation) {
        if (correlation < 0 || correlation > 0xFFFFFFFFL) {
            return NONE;
        }
        Integer known = processes.get(process);
        if (known == null) {
            known = processes.size();
            processes.put(process, known);
        }
        return ((long) known << 32) | correlation;
    }

    private void rehash() {
        byKey = new int[byKey.length * 2];
        for (int call = 0; call < n; call++) {
            enter(call);
        }
    }

    private void enter(int call) {
        if (keys[call] != NONE) {
            int slot = slot(keys[call]);
            if (byKey[slot] == 0) {
                byKey[slot] = call + 1;
            }
        }
    }

    /// Where a key stands, or would. Numbers follow each other, and so do their places; that of a number
    /// which several processes use is followed by places far apart.
    private int slot(long key) {
        int mask = byKey.length - 1;
        int slot = (int) key & mask;
        int step = (int) ((key * 0x9E3779B97F4A7C15L) >>> 32) | 1;
        while (byKey[slot] != 0 && keys[byKey[slot] - 1] != key) {
            slot = (slot + step) & mask;
        }
        return slot;
    }

    /// The call that started device work, to which it is linked; [#NONE] where the recording has none.
    ///
    /// @param id slice of the device work
    /// @param process that asked for it, or [#NONE]
    /// @param correlation its number, 0 for none
    /// @param dur -1 where it is not known when the work ran
    public long started(long id, long process, long correlation, long ts, long dur) {
        long key = process != NONE && correlation != 0 ? key(process, correlation) : NONE;
        int call = key == NONE ? -1 : byKey[slot(key)] - 1;
        if (call < 0) {
            return NONE;
        }
        flows.set("id", context.take(ImportContext.Id.FLOW, 1))
                .set("slice_out", firstId + call)
                .set("slice_in", id)
                .set("category", "ac2g")
                .set("trace_id", correlation)
                .end();
        ops[call]++;
        if (dur >= 0) {
            first[call] = first[call] == NONE ? ts : Math.min(first[call], ts);
            lastEnd[call] = Math.max(lastEnd[call], ts + dur);
        }
        return firstId + call;
    }

    /// Writes the calls with what they started.
    public void write(BatchSink sink, Threads threads) {
        int[] call = {0};
        try (RowWriter row = new RowWriter(TraceTables.LAUNCH, sink)) {
            calls.forEach(CHUNK, (rows, count) -> {
                for (int at = 0; at < count * STRIDE; at += STRIDE) {
                    write(call[0]++, rows, at, threads, row);
                }
            });
        }
    }

    private void write(int call, long[] rows, int at, Threads threads, RowWriter row) {
        Name name = names.get((int) rows[at + NAME]);
        row.set("id", firstId + call).set("ts", rows[at + TS]).set("dur", rows[at + DUR]);
        row.set("name", name.plain())
                .set("kind", name.kind())
                .set("ops", ops[call])
                .set("track_id", threads.threadTrack(rows[at + THREAD]));
        set(row, "correlation", rows[at + CORRELATION]);
        set(row, "first_ts", first[call]);
        set(row, "last_end_ts", lastEnd[call]);
        row.set("utid", threads.utid(rows[at + THREAD])).set("upid", threads.upid(rows[at + THREAD]));
        row.set("source_id", context.sourceId()).end();
    }

    @Override
    public void close() {
        flows.close();
        scratch.close();
    }

    private static void set(RowWriter row, String column, long value) {
        if (value != NONE) {
            row.set(column, value);
        }
    }

    /// Some append the version of the call's ABI: `cudaLaunchKernel_v7000`.
    public static String plainName(String name) {
        int end = name.length();
        while (end > 0 && Character.isDigit(name.charAt(end - 1))) {
            end--;
        }
        if (end == name.length() || !name.startsWith("_v", end - 2)) {
            return name;
        }
        String call = name.substring(0, end - 2);
        return STREAMS.stream()
                .filter(call::endsWith)
                .findFirst()
                .map(stream -> call.substring(0, call.length() - stream.length()))
                .orElse(call);
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
