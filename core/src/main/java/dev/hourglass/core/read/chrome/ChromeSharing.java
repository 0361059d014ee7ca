package dev.hourglass.core.read.chrome;

import dev.hourglass.core.read.RunSort;
import java.util.Arrays;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;

/// The calls that have one correlation in common, of several processes maybe, in orders in which those that fit a sign
/// are found without going through all of them: one work of each rank asks, and each has a call of every rank.
///
/// Of calls that can start work and others, only those of the first kind, if there are any.
///
/// Which order a part is of is told by the array itself, not by what stands in it.
@SuppressWarnings("ReferenceEquality")
final class ChromeSharing {
    /// Calls by their moments: a part of one of the orders, or some picked out.
    @SuppressWarnings("ArrayRecordComponent")
    record Left(int[] calls, int from, int to) {
        int size() {
            return to - from;
        }
    }

    private final ChromeCalls calls;
    private final ChromeTracks tracks;
    private final int[] byTime;
    /// How many of the first calls are of one process.
    private final int alike;

    private final IntToLongFunction process;
    private final IntToLongFunction group;
    private final IntToLongFunction external;
    private int @Nullable [] byProcess;
    private int @Nullable [] byGroup;
    private int @Nullable [] byExternal;
    private long processes = -1;

    /// @param last of all calls with the correlation
    ChromeSharing(ChromeCalls calls, ChromeTracks tracks, int last) {
        this.calls = calls;
        this.tracks = tracks;
        this.process = call -> tracks.upid(calls.track(call));
        this.group = call -> group(calls.track(call));
        this.external = calls::externalId;
        this.byTime = chosen(last);
        RunSort.sort(byTime, 0, byTime.length, (a, b) -> calls.ts(a) < calls.ts(b));
        int same = 1;
        while (same < byTime.length && process.applyAsLong(byTime[same]) == process.applyAsLong(byTime[0])) {
            same++;
        }
        this.alike = same;
    }

    /// In the order of the file.
    private int[] chosen(int last) {
        int[] chosen = new int[calls.sharing(last)];
        int at = chosen.length;
        boolean starts = false;
        for (int call = last; call >= 0; call = calls.before(call)) {
            if (calls.startsWork(call) != starts) {
                if (starts) {
                    continue;
                }
                starts = true;
                at = chosen.length;
            }
            chosen[--at] = call;
        }
        return Arrays.copyOfRange(chosen, at, chosen.length);
    }

    /// What tools that merge traces put before the process, such as `[TP00] ` before `4711`; 0 for nothing.
    long group(int track) {
        return tracks.group(track);
    }

    Left all() {
        return new Left(byTime, 0, byTime.length);
    }

    /// Calls for each of the processes that have one.
    long perProcess() {
        if (processes < 0) {
            processes = Arrays.stream(byTime)
                    .mapToLong(call -> process.applyAsLong(call))
                    .distinct()
                    .count();
        }
        return byTime.length / processes;
    }

    /// Those that do not begin after the work; all that are left where none does.
    Left upTo(Left left, long ts) {
        int before = before(left, ts);
        return before == 0 ? left : new Left(left.calls(), left.from(), left.from() + before);
    }

    private int before(Left left, long ts) {
        int low = left.from();
        int high = left.to();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (calls.ts(left.calls()[middle]) <= ts) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - left.from();
    }

    Left ofProcess(Left left, long wanted) {
        if (left.calls() == byProcess) {
            return narrowed(left, process, wanted);
        }
        byProcess = byProcess == null ? sorted(process) : byProcess;
        return narrowed(left, byProcess, process, wanted);
    }

    Left ofGroup(Left left, long wanted) {
        byGroup = byGroup == null ? sorted(group) : byGroup;
        return narrowed(left, byGroup, group, wanted);
    }

    Left ofExternal(Left left, long wanted) {
        byExternal = byExternal == null ? sorted(external) : byExternal;
        return narrowed(left, byExternal, external, wanted);
    }

    private int[] sorted(IntToLongFunction key) {
        int[] order = byTime.clone();
        RunSort.sort(order, 0, order.length, (a, b) -> key.applyAsLong(a) < key.applyAsLong(b));
        return order;
    }

    /// Of all calls, or the first of them, by the order; of a few, one after the other.
    private Left narrowed(Left left, int[] order, IntToLongFunction key, long wanted) {
        if (left.calls() != byTime) {
            return narrowed(left, key, wanted);
        }
        int from = bound(order, key, wanted, false);
        Left found = new Left(order, from, bound(order, key, wanted, true));
        if (left.size() < byTime.length && found.size() > 0) {
            found = new Left(order, from, from + before(found, calls.ts(byTime[left.to() - 1])));
        }
        return found.size() == 0 || found.size() == left.size() ? left : found;
    }

    private Left narrowed(Left left, IntToLongFunction key, long wanted) {
        int[] fitting = Arrays.stream(left.calls(), left.from(), left.to())
                .filter(call -> key.applyAsLong(call) == wanted)
                .toArray();
        return fitting.length == 0 ? left : new Left(fitting, 0, fitting.length);
    }

    private static int bound(int[] order, IntToLongFunction key, long wanted, boolean behind) {
        int low = 0;
        int high = order.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            long there = key.applyAsLong(order[middle]);
            if (there < wanted || (behind && there == wanted)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    boolean isOfSeveral(Left left) {
        if (left.calls() == byTime) {
            return left.to() > alike;
        }
        long first = process.applyAsLong(left.calls()[left.from()]);
        return Arrays.stream(left.calls(), left.from(), left.to()).anyMatch(call -> process.applyAsLong(call) != first);
    }

    /// The latest call that does not begin after the work, else the first; of several at one moment the last of the
    /// file.
    int best(Left left, long ts) {
        int before = before(left, ts);
        if (before > 0) {
            return left.calls()[left.from() + before - 1];
        }
        int first = left.from();
        while (first + 1 < left.to() && calls.ts(left.calls()[first + 1]) == calls.ts(left.calls()[first])) {
            first++;
        }
        return left.calls()[first];
    }
}
