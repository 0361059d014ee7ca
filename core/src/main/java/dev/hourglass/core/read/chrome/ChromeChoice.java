package dev.hourglass.core.read.chrome;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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

    /// A number that a process gives to so many of its calls, such as 0 where a producer knows none, tells nothing; to
    /// go through them for each operation would take for ever.
    private static final int MOST_OF_ONE_PROCESS = 1024;
    /// Calls with a correlation from which on their orders are kept: fewer are sorted again as fast as they are found.
    private static final int KEPT_FROM = 8;

    private final ChromeTracks tracks;
    private final Supplier<Owners> owners;
    private boolean sure;
    /// Of the calls asked of last, by the last call with a correlation.
    private final Map<Integer, ChromeSharing> kept = new HashMap<>();
    private @Nullable ChromeCalls keptOf;

    /// @param owners asked for only where nothing else tells
    ChromeChoice(ChromeTracks tracks, Supplier<Owners> owners) {
        this.tracks = tracks;
        this.owners = owners;
    }

    /// The call of a device's operation, -1 where there is none, or where nothing tells which of several it is:
    /// work of
    /// one rank is never linked to a call of another. See [#isSure()].
    int call(ChromeCalls calls, long[] rows, int at) {
        sure = true;
        int last = calls.last(rows[at + ChromeLinks.CORRELATION]);
        if (last < 0 || calls.before(last) < 0) {
            return last;
        }
        ChromeSharing sharing = sharing(calls, last);
        if (sharing.perProcess() > MOST_OF_ONE_PROCESS) {
            sure = false;
            return -1;
        }
        int found = found(sharing, rows, at, true);
        return sure ? found : -1;
    }

    /// Whether something told which of several calls started the work that was asked for last.
    boolean isSure() {
        return sure;
    }

    /// Takes in whose work is known for sure.
    void learn(Owners into, ChromeCalls calls, long[] rows, int at) {
        int last = calls.last(rows[at + ChromeLinks.CORRELATION]);
        if (last < 0) {
            return;
        }
        ChromeSharing sharing = sharing(calls, last);
        if (sharing.perProcess() > MOST_OF_ONE_PROCESS) {
            return;
        }
        sure = true;
        int found = found(sharing, rows, at, false);
        if (sure && calls.startsWork(found) && calls.ts(found) <= rows[at + ChromeLinks.TS]) {
            into.add(place(rows, at), tracks.upid(calls.track(found)));
        }
    }

    private ChromeSharing sharing(ChromeCalls calls, int last) {
        if (calls.sharing(last) < KEPT_FROM) {
            return new ChromeSharing(calls, tracks, last);
        }
        if (keptOf != calls) {
            kept.clear();
            keptOf = calls;
        }
        return kept.computeIfAbsent(last, call -> new ChromeSharing(calls, tracks, call));
    }

    private int found(ChromeSharing sharing, long[] rows, int at, boolean byOwner) {
        ChromeSharing.Left all = sharing.all();
        return sharing.isOfSeveral(all)
                ? decide(sharing, rows, at, byOwner)
                : sharing.best(all, rows[at + ChromeLinks.TS]);
    }

    /// Asks one sign after the other; each leaves the calls that fit it, if there are any.
    private int decide(ChromeSharing sharing, long[] rows, int at, boolean byOwner) {
        int track = (int) rows[at + ChromeLinks.TRACK];
        long own = tracks.upid(track);
        long ts = rows[at + ChromeLinks.TS];
        ChromeSharing.Left left = sharing.all();
        // A producer that numbers its devices where others have the process tells the device only.
        if (!tracks.isPid(track, ownDevice(rows, at))) {
            left = sharing.ofProcess(left, own);
        }
        if (sharing.group(track) != ChromeTracks.NO_GROUP) {
            left = sharing.ofGroup(left, sharing.group(track));
        }
        if (rows[at + ChromeLinks.EXTERNAL] != Segment.NONE) {
            left = sharing.ofExternal(left, rows[at + ChromeLinks.EXTERNAL]);
        }
        left = sharing.upTo(left, ts);
        if (byOwner && sharing.isOfSeveral(left)) {
            Long owner = owners.get().processes.get(place(rows, at));
            left = owner == null ? left : sharing.ofProcess(left, owner);
        }
        sure = !sharing.isOfSeveral(left);
        return sharing.best(sharing.ofProcess(left, own), ts);
    }

    /// Kernels and copies both begin with it.
    private static long ownDevice(long[] rows, int at) {
        return rows[at + ChromeLinks.HEAD];
    }

    private Place place(long[] rows, int at) {
        int track = (int) rows[at + ChromeLinks.TRACK];
        long own = ownDevice(rows, at);
        return new Place(tracks.upid(track), own != Segment.NONE ? own : tracks.device(track));
    }
}
