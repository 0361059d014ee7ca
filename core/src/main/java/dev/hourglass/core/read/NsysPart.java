package dev.hourglass.core.read;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import java.util.List;
import java.util.OptionalLong;

/// What every part of the reading of one Nsight Systems export works with.
abstract class NsysPart {
    final NsysDatabase database;
    final BatchSink sink;
    final ImportContext context;
    final NsysThreads threads;
    final NsysLaunches launches;
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
        this.launches = new NsysLaunches(sink, context);
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

    long at(OptionalLong time) {
        return time.orElse(0) + offset;
    }

    /// Whether a row has a start; one without is counted.
    boolean starts(OptionalLong start, String table) {
        if (start.isEmpty()) {
            context.stats().count("bad_number", Severity.DATA_LOSS, table + ": a row without a start");
        }
        return start.isPresent();
    }

    /// The duration: -1 without an end, 0 where it ends before it starts, which is counted.
    long duration(OptionalLong start, OptionalLong end, String table) {
        if (end.isEmpty()) {
            return -1;
        }
        long dur = end.getAsLong() - start.orElse(0);
        if (dur < 0) {
            context.stats()
                    .count("negative_duration", Severity.NOTICE, table + ": set to 0, first at " + start.orElse(0));
        }
        return Math.max(0, dur);
    }

    static void set(RowWriter out, String column, OptionalLong value) {
        value.ifPresent(v -> out.set(column, v));
    }

    static String word(List<String> words, OptionalLong number) {
        long i = number.orElse(-1);
        return i < 0 || i >= words.size() ? "unknown" : words.get((int) i);
    }

    static void arg(RowWriter args, long set, String key, OptionalLong value) {
        if (value.isPresent()) {
            args.set("arg_set_id", set)
                    .set("key", key)
                    .set("int_value", value.getAsLong())
                    .end();
        }
    }
}
