package dev.hourglass.core.read.chrome;

import java.util.HashMap;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.Supplier;

/// Which call started an operation of a device, where calls of several have its correlation, as traces of several
/// processes have that were merged into one file.
final class ChromeChoice {
    /// Where device work ran, as the trace names it.
    private record Place(long upid, long device) {}

    /// The process that started all the work of a place, as far as its calls are known for sure.
    static final class Owners {
        private static final long SEVERAL = -1;
        private final Map<Place, Long> processes = new HashMap<>();

        private void add(Place place, long process) {
            processes.merge(place, process, (a, b) -> a.equals(b) ? a : (Long) SEVERAL);
        }
    }

    /// A number that more calls than there may be processes have in common, such as 0 where a producer knows none,
    /// tells nothing; to go through them for each operation would take for ever.
    private static final int MOST_SHARING = 1024;

    private final ChromeTracks tracks;
    private final Supplier<Owners> owners;
    private boolean sure;

    /// @param owners asked for only where nothing else tells
    ChromeChoice(ChromeTracks tracks, Supplier<Owners> owners) {
        this.tracks = tracks;
        this.owners = owners;
    }

    /// The call of a device's operation, -1 where there is none, or where nothing tells which of several it is: work of
    /// one rank is never linked to a call of another. See [#isSure()].
    int call(ChromeCalls calls, long[] rows, int at) {
        sure = true;
        int last = calls.last(rows[at + ChromeLinks.CORRELATION]);
        if (last < 0 || calls.before(last) < 0) {
            return last;
        }
        if (calls.sharing(last) > MOST_SHARING) {
            sure = false;
            return -1;
        }
        int best = best(calls, last, rows[at + ChromeLinks.TS], call -> true);
        int found = ofSeveral(calls, last, best) ? decide(new Work(calls, last, best, rows, at), true) : best;
        return sure ? found : -1;
    }

    /// Whether something told which of several calls started the work that was asked for last.
    boolean isSure() {
        return sure;
    }

    /// Takes in whose work is known for sure.
    void learn(Owners into, ChromeCalls calls, long[] rows, int at) {
        int last = calls.last(rows[at + ChromeLinks.CORRELATION]);
        if (last < 0 || calls.sharing(last) > MOST_SHARING) {
            return;
        }
        int best = best(calls, last, rows[at + ChromeLinks.TS], call -> true);
        Work work = new Work(calls, last, best, rows, at);
        sure = true;
        int found = ofSeveral(calls, last, best) ? decide(work, false) : best;
        if (sure && calls.startsWork(found) && calls.ts(found) <= rows[at + ChromeLinks.TS]) {
            into.add(place(work), upid(calls, found));
        }
    }

    private static int best(ChromeCalls calls, int last, long ts, IntPredicate fits) {
        int found = -1;
        for (int call = last; call >= 0; call = calls.before(call)) {
            if (fits.test(call) && (found < 0 || calls.better(call, found, ts))) {
                found = call;
            }
        }
        return found;
    }

    private boolean ofSeveral(ChromeCalls calls, int last, int best) {
        for (int call = last; call >= 0; call = calls.before(call)) {
            if (upid(calls, call) != upid(calls, best) && calls.startsWork(call) == calls.startsWork(best)) {
                return true;
            }
        }
        return false;
    }

    private long upid(ChromeCalls calls, int call) {
        return tracks.upid(calls.track(call));
    }

    private Place place(Work work) {
        return new Place(tracks.upid(work.track()), work.device(tracks));
    }

    /// An operation of a device and the calls that may have started it.
    private static final class Work {
        private final ChromeCalls calls;
        private final int last;
        private final int best;
        private final long[] rows;
        private final int at;

        /// @param last of all calls with the correlation
        /// @param best of them, as far as their moments tell
        Work(ChromeCalls calls, int last, int best, long[] rows, int at) {
            this.calls = calls;
            this.last = last;
            this.best = best;
            this.rows = rows;
            this.at = at;
        }

        int track() {
            return (int) rows[at + ChromeLinks.TRACK];
        }

        long ts() {
            return rows[at + ChromeLinks.TS];
        }

        long externalId() {
            return rows[at + ChromeLinks.EXTERNAL];
        }

        /// Kernels and copies both begin with it.
        long ownDevice() {
            return rows[at + ChromeLinks.HEAD];
        }

        long device(ChromeTracks tracks) {
            return ownDevice() != Segment.NONE ? ownDevice() : tracks.device(track());
        }
    }

    /// Asks one sign after the other; each leaves the calls that fit it, if there are any.
    private int decide(Work work, boolean byOwner) {
        ChromeCalls calls = work.calls;
        long own = tracks.upid(work.track());
        String group = group(work.track());
        IntPredicate left = call -> calls.startsWork(call) == calls.startsWork(work.best);
        // A producer that numbers its devices where others have the process tells the device only.
        if (!tracks.isPid(work.track(), work.ownDevice())) {
            left = narrowed(work, left, call -> upid(calls, call) == own);
        }
        left = narrowed(work, left, call -> !group.isEmpty() && group.equals(group(calls.track(call))));
        left = narrowed(
                work, left, call -> work.externalId() != Segment.NONE && work.externalId() == calls.externalId(call));
        left = narrowed(work, left, call -> calls.ts(call) <= work.ts());
        if (byOwner && isOfSeveral(work, left)) {
            Long owner = owners.get().processes.get(place(work));
            left = narrowed(work, left, call -> owner != null && upid(calls, call) == owner);
        }
        sure = !isOfSeveral(work, left);
        return best(calls, work.last, work.ts(), narrowed(work, left, call -> upid(calls, call) == own));
    }

    private static IntPredicate narrowed(Work work, IntPredicate left, IntPredicate sign) {
        IntPredicate both = left.and(sign);
        return best(work.calls, work.last, work.ts(), both) < 0 ? left : both;
    }

    private boolean isOfSeveral(Work work, IntPredicate left) {
        int found = best(work.calls, work.last, work.ts(), left);
        return best(
                        work.calls,
                        work.last,
                        work.ts(),
                        left.and(call -> upid(work.calls, call) != upid(work.calls, found)))
                >= 0;
    }

    /// What tools that merge traces put before the process, such as `[TP00] ` before `4711`.
    private String group(int track) {
        return tracks.pidText(track).replaceFirst("\\d+$", "");
    }
}
