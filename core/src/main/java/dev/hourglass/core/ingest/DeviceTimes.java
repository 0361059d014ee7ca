package dev.hourglass.core.ingest;

import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.Moments;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.TextTable;
import dev.hourglass.core.trace.TraceTables;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Takes the time from device work that has none that is possible, so that it is in no span and no sum: the row stays,
/// its start and its duration are NULL, and it is counted.
///
/// Tools write a time that they never got as 0, an end as 0 before its start, or either far outside the
/// recording. What can be told of a row alone is told as it passes; what only the whole source tells (work before its
/// launch, work far from everything else) is settled in the database, and only where the extremes say that there is
/// any.
final class DeviceTimes implements BatchSink {
    /// How far before its launch, or outside of what the host did, work cannot have run: a minute. Clocks of host and
    /// device differ by milliseconds at most.
    private static final long FAR_NS = 60_000_000_000L;
    /// So many times as long as the host was recorded, it is not far either.
    private static final long SPANS = 10;
    /// How far work cannot be from the rest where nothing of the host was recorded: a day. Servers wait for hours.
    private static final long DAY_NS = 86_400_000_000_000L;

    /// Pieces of work, fewer of which tell nothing of a clock.
    private static final long ENOUGH = 8;

    private static final String KIND = "device_time_impossible";
    private static final Set<String> WORK = Set.of("kernel", "gpu_memcpy", "gpu_memset", "cuda_graph");
    /// What is derived from the times of device work.
    private static final Set<String> OF_DEVICE = Set.of("gpu_user_annotation", "cuda_sync");

    private static final byte UNKNOWN = 0;
    private static final byte HOST = 1;
    private static final byte WORKED = 2;
    private static final byte DERIVED = 3;

    private static final int TS = TraceTables.SLICE.indexOf("ts");
    private static final int DUR = TraceTables.SLICE.indexOf("dur");
    private static final int CATEGORY = TraceTables.SLICE.indexOf("category");
    private static final int LAUNCH_TS = TraceTables.LAUNCH.indexOf("ts");
    private static final int FIRST_TS = TraceTables.LAUNCH.indexOf("first_ts");

    private final BatchSink next;
    private final ImportStats stats;
    private final Extremes host = new Extremes();
    private final Extremes device = new Extremes();
    private boolean early;
    private long untimed;
    private byte[] kinds = new byte[256];
    private byte @Nullable [] lastText;
    private byte lastKind = HOST;

    DeviceTimes(BatchSink next, ImportStats stats) {
        this.next = next;
        this.stats = stats;
    }

    /// First start and last end.
    private static final class Extremes {
        private long first = Long.MAX_VALUE;
        private long last = Long.MIN_VALUE;

        void add(long ts, long dur) {
            first = Math.min(first, ts);
            last = Math.max(last, Moments.plus(ts, Math.max(0, dur)));
        }

        boolean none() {
            return first == Long.MAX_VALUE;
        }

        long span() {
            return none() ? 0 : Moments.apart(first, last);
        }
    }

    @Override
    public void accept(EventBatch batch) {
        look(batch);
        next.accept(batch);
    }

    private synchronized void look(EventBatch batch) {
        if (batch.table().equals(TraceTables.SLICE)) {
            slices(batch);
        } else if (batch.table().equals(TraceTables.LAUNCH)) {
            launches(batch);
        } else if (batch.table().equals(TraceTables.KERNEL) || batch.table().equals(TraceTables.MEMCPY)) {
            int ts = batch.table().indexOf("ts");
            int dur = batch.table().indexOf("dur");
            for (int row = 0; row < batch.size(); row++) {
                work(batch, row, ts, dur);
            }
        }
    }

    private void slices(EventBatch batch) {
        long[] ts = batch.longs(TS);
        long[] dur = batch.longs(DUR);
        int[] codes = batch.codes(CATEGORY);
        TextTable names = batch.textTable(CATEGORY);
        for (int row = 0; row < batch.size(); row++) {
            byte kind = codes == null || names == null
                    ? kind(batch.texts(CATEGORY)[row])
                    : codes[row] < 0 ? HOST : kind(codes[row], names);
            if (kind == HOST) {
                host.add(ts[row], dur[row]);
            } else if (kind == WORKED) {
                work(batch, row, TS, DUR);
            }
        }
    }

    private byte kind(int code, TextTable names) {
        if (code >= kinds.length) {
            kinds = Arrays.copyOf(kinds, Integer.highestOneBit(code) << 1);
        }
        if (kinds[code] == UNKNOWN) {
            kinds[code] = classify(names.text(code));
        }
        return kinds[code];
    }

    @SuppressWarnings("ReferenceEquality") // a text that comes again is the same array: only that saves the comparison
    private byte kind(byte @Nullable [] text) {
        if (text != lastText) {
            lastText = text;
            lastKind = text == null ? HOST : classify(text);
        }
        return lastKind;
    }

    private static byte classify(byte[] category) {
        String word = new String(category, StandardCharsets.UTF_8);
        return WORK.contains(word) ? WORKED : OF_DEVICE.contains(word) ? DERIVED : HOST;
    }

    /// Takes the time from a row that has none, and notes that of another.
    private void work(EventBatch batch, int row, int tsColumn, int durColumn) {
        if (batch.isNull(tsColumn, row)) {
            return;
        }
        long ts = batch.longs(tsColumn)[row];
        long dur = batch.isNull(durColumn, row) ? -1 : batch.longs(durColumn)[row];
        if (dur < 0 || (ts == 0 && dur == 0) || !Moments.isPossible(ts, dur)) {
            batch.setNull(tsColumn, row);
            batch.setNull(durColumn, row);
            untimed++;
        } else {
            device.add(ts, dur);
        }
    }

    private void launches(EventBatch batch) {
        long[] ts = batch.longs(LAUNCH_TS);
        for (int row = 0; row < batch.size() && !batch.isAllNull(FIRST_TS); row++) {
            early |= !batch.isNull(FIRST_TS, row) && Moments.plus(ts[row], -FAR_NS) > batch.longs(FIRST_TS)[row];
        }
    }

    /// Settles what only the whole source tells, and counts.
    ///
    /// @param shift what was added to the times of the source on their way into the database
    void settle(TraceStore store, long source, long shift) {
        if (untimed == 0 && !early && !far()) {
            return;
        }
        String outside = host.none() ? ofWork(store, source, shift) : ofHost(shift);
        String works = "SELECT id, ts, dur FROM kernel WHERE source_id = " + source
                + " UNION ALL SELECT id, ts, dur FROM memcpy WHERE source_id = " + source;
        String slices = "SELECT s.id, s.ts, s.dur FROM slice s JOIN track t ON t.id = s.track_id WHERE t.source_id = "
                + source + " AND s.category IN ('" + String.join("', '", WORK) + "', '"
                + String.join("', '", OF_DEVICE) + "')";
        String launched = "SELECT w.id FROM flow f JOIN launch l ON l.id = f.slice_out AND l.source_id = " + source
                + " JOIN (" + slices + ") w ON w.id = f.slice_in WHERE f.category = 'ac2g' AND w.ts < l.ts - " + FAR_NS;
        store.execute("CREATE OR REPLACE TABLE untimed AS SELECT id FROM (" + works + " UNION " + slices + ") WHERE "
                + outside + " UNION " + launched);
        keepOtherClock(store, works);
        for (String table : new String[] {"kernel", "memcpy", "slice"}) {
            store.execute("UPDATE " + table + " SET ts = NULL, dur = NULL WHERE id IN (FROM untimed)");
        }
        mend(store, source, slices);
        long lost = store.number("SELECT count(*) FROM (" + slices + ") WHERE ts IS NULL");
        if (lost > 0) {
            stats.count(KIND, Severity.DATA_LOSS, lost, place(store, slices));
        }
        store.execute("DROP TABLE untimed");
    }

    /// Where most of the work is far from the host, it is the clock of the device that is another one, not the work
    /// that
    /// has no time: it stays, and that is said.
    private void keepOtherClock(TraceStore store, String works) {
        String timed = "SELECT count(*) FROM (" + works + ") WHERE ts IS NOT NULL";
        long apart = store.number(timed + " AND id IN (FROM untimed)");
        long all = store.number(timed);
        if (all >= ENOUGH && 2 * apart > all) {
            store.execute("DELETE FROM untimed WHERE id IN (SELECT id FROM slice WHERE ts IS NOT NULL)");
            stats.count(
                    "device_clock_apart",
                    Severity.NOTICE,
                    apart,
                    "most device work lies far from everything that the host did: the device's clock is another one, and"
                            + " how work follows its launch cannot be told");
        }
    }

    private boolean far() {
        long most = host.none() ? DAY_NS : reach();
        return !device.none()
                && (host.none()
                        ? device.span() > most
                        : device.first < Moments.plus(host.first, -most)
                                || device.last > Moments.plus(host.last, most));
    }

    private long reach() {
        long span = host.span();
        return span > Long.MAX_VALUE / SPANS ? Long.MAX_VALUE : Math.max(FAR_NS, SPANS * span);
    }

    private String ofHost(long shift) {
        long from = Moments.plus(Moments.plus(host.first, -reach()), shift);
        long to = Moments.plus(Moments.plus(host.last, reach()), shift);
        return "ts < (" + from + ") OR ts::HUGEINT + dur > (" + to + ")";
    }

    /// Work without a host beside it: what is a day and far more than is usual from the middle of it, and what is at 0
    /// a day before everything else.
    private String ofWork(TraceStore store, long source, long shift) {
        String times = "SELECT ts FROM kernel WHERE source_id = " + source
                + " UNION ALL SELECT ts FROM memcpy WHERE source_id = " + source;
        long middle = store.number("SELECT quantile_disc(ts, 0.5) FROM (" + times + ")");
        long usual = store.number(
                "SELECT quantile_disc(abs(ts::HUGEINT - (" + middle + ")), 0.5)::BIGINT FROM (" + times + ")");
        long most = Math.max(DAY_NS, usual > Long.MAX_VALUE / 1000 ? Long.MAX_VALUE : 1000 * usual);
        String atZero = "ts = (" + shift + ") AND (" + Moments.plus(device.last, shift) + ") - ts > " + DAY_NS;
        return "abs(ts::HUGEINT - (" + middle + ")) > " + most + " OR abs(ts::HUGEINT + dur - (" + middle + ")) > "
                + most + " OR (" + atZero + ")";
    }

    /// What was computed from times that were taken: spans of launches, and what lay inside.
    private static void mend(TraceStore store, long source, String slices) {
        String untimed = "(SELECT id FROM (" + slices + ") WHERE ts IS NULL)";
        store.execute(
                "UPDATE slice SET parent_id = NULL, depth = greatest(depth - 1, 0) WHERE parent_id IN " + untimed);
        store.execute(
                "UPDATE launch SET first_ts = w.first_ts, last_end_ts = w.last_end_ts FROM (SELECT f.slice_out AS id,"
                        + " min(s.ts) AS first_ts, max(s.ts + s.dur) AS last_end_ts FROM flow f JOIN slice s ON s.id = f.slice_in"
                        + " WHERE f.category = 'ac2g' AND f.slice_out IN (SELECT slice_out FROM flow WHERE slice_in IN "
                        + untimed
                        + ") GROUP BY f.slice_out) w WHERE launch.id = w.id AND launch.source_id = " + source);
    }

    private static String place(TraceStore store, String slices) {
        String first = store
                .texts("SELECT left(coalesce(s.name, ''), 200) FROM slice s WHERE s.id = (SELECT min(id) FROM ("
                        + slices + ") WHERE ts IS NULL)")
                .stream()
                .findFirst()
                .orElse("");
        return "device work without a possible time (0, an end before its start, long before its launch or far from"
                + " everything else) is kept and left out of spans and sums; first " + first;
    }
}
