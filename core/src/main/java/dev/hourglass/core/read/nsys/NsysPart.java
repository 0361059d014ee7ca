package dev.hourglass.core.read.nsys;

import dev.hourglass.core.read.LaunchCalls;
import dev.hourglass.core.read.SliceWriter;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Moments;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import java.util.List;

/// What every part of the reading of one Nsight Systems export works with.
abstract class NsysPart {
    final NsysDatabase database;
    final BatchSink sink;
    final ImportContext context;
    final NsysThreads threads;
    final LaunchCalls launches;
    final SliceWriter slices;
    /// Rows of the table that is being read.
    long counted;

    private final long offset;

    NsysPart(NsysDatabase database, BatchSink sink, ImportContext context, long offset) {
        this.database = database;
        this.sink = sink;
        this.context = context;
        this.offset = offset;
        this.threads = new NsysThreads(database, sink, context);
        this.launches = new LaunchCalls(sink, context);
        this.slices = new SliceWriter(sink, context);
    }

    NsysPart(NsysPart other) {
        this.database = other.database;
        this.sink = other.sink;
        this.context = other.context;
        this.offset = other.offset;
        this.threads = other.threads;
        this.launches = other.launches;
        this.slices = other.slices;
    }

    /// Reads the tables that it is for.
    abstract void read();

    /// A time of the export on the trace clock.
    long at(long time) {
        return time + offset;
    }

    /// Whether a row has a start that is possible, in its column of that number; one without is counted.
    boolean starts(NsysRow row, int column, String table) {
        if (!row.has(column)) {
            context.stats().count("bad_number", Severity.DATA_LOSS, table + ": a row without a start");
            return false;
        }
        long start = row.integer(column);
        boolean possible = Moments.isPossible(start) && Moments.isPossible(Moments.plus(start, offset));
        if (!possible) {
            impossible(table, start);
        }
        return possible;
    }

    private void impossible(String table, long time) {
        context.stats().count("impossible_time", Severity.DATA_LOSS, table + ": first " + time);
    }

    /// The duration of a row whose first columns are its start, which is possible, and its end: -1 without an
    /// end or with an impossible one, 0 where it ends before it starts; both are counted.
    long duration(NsysRow row, String table) {
        if (!row.has(1)) {
            return -1;
        }
        long start = row.integer(0);
        long end = row.integer(1);
        if (!Moments.isPossible(end) || !Moments.isPossible(Moments.plus(end, offset))) {
            impossible(table, end);
            return -1;
        }
        long dur = end - start;
        if (dur < 0) {
            context.stats().count("negative_duration", Severity.NOTICE, table + ": set to 0, first at " + start);
        }
        return Math.max(0, dur);
    }

    static void set(RowWriter out, String name, NsysRow row, int column) {
        if (row.has(column)) {
            out.set(name, row.integer(column));
        }
    }

    static String word(List<String> words, NsysRow row, int column) {
        long i = row.integer(column, -1);
        return i < 0 || i >= words.size() ? "unknown" : words.get((int) i);
    }

    static void arg(RowWriter args, long set, String key, NsysRow row, int column) {
        if (row.has(column)) {
            args.set("arg_set_id", set)
                    .set("key", key)
                    .set("int_value", row.integer(column))
                    .end();
        }
    }
}
