package dev.hourglass.core.query;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The longest chain of dependent work that ends where a span of time ends, walked backwards from there: at each
/// moment, what was being waited for.
///
/// Device work begins when the work before it in its stream has ended, when the work has ended whose event its stream
/// waits for, and when the host has issued it: the latest of the three is what it waited for. A thread of the host is
/// where it is because of what it did before, up to the end of the last call that waited for device work; then that
/// work was what it waited for. Where no event was recorded, work of another stream counts as awaited if it ends just
/// before work that was issued long ago begins ([#INFERRED_GAP_NS], [#INFERRED_DELAY_NS]).
///
/// The segments of a path touch each other and fill the span exactly.
final class CriticalPath {
    /// A stream that stands still for less is not taken to wait for another: from one piece of work to the next it is
    /// some µs.
    static final long INFERRED_GAP_NS = 5_000;
    /// What has ended longer before is not what was awaited.
    static final long INFERRED_DELAY_NS = 10_000;

    /// Of the work that ended last before a wait did, so many are looked at for one that was issued before it.
    private static final int TRIED = 64;

    private static final int NONE = -1;

    /// What a segment is.
    enum Kind {
        /// Work on the device.
        DEVICE,
        /// Issued, and what it waited for had ended: the device's own delay.
        QUEUE,
        /// From the end of the call to the start of its work.
        LAUNCH,
        /// From the end of the awaited work to the end of the call that waits.
        WAIT,
        /// A thread of the host that does not wait.
        HOST,
        /// No call was recorded for the work, and nothing is known of what it waited for.
        UNKNOWN
    }

    /// Device work.
    ///
    /// @param id its row
    /// @param lane its stream, whatever the device
    /// @param submit when the host had issued it, at the latest its start; negative where no call was recorded
    /// @param launchTs start of that call
    /// @param launchId that call; negative where there is none
    /// @param track thread of that call
    record Op(
            long id,
            long ts,
            long end,
            long lane,
            long device,
            long submit,
            long launchTs,
            long launchId,
            long track) {}

    /// A call that returned when device work had ended.
    ///
    /// @param lane the stream that it waited for; negative where it waited for all or none was told
    record Wait(long id, long track, long ts, long end, long lane) {}

    /// A stream was told to wait for what another was given before.
    ///
    /// @param from from which moment on what is issued to the stream waits
    /// @param until up to which moment what was issued to the other is waited for
    record Event(long lane, long from, long other, long until) {}

    /// A span of time on a device whose path is wanted.
    ///
    /// @param track thread of the host at its end, should no device work end there; negative where unknown
    record Span(long device, long ts, long end, long track) {}

    /// A piece of a path.
    ///
    /// @param id the device work, the call that issued it, or the call that waited; negative for the host and what
    ///     is unknown
    /// @param track the thread of the host; negative for the device
    record Segment(Kind kind, long id, long track, long ts, long end) {}

    private final List<Op> ops;
    /// Of each, the one before it in its stream, and the one whose event it waits for.
    private final int[] before;
    private final int[] event;
    private final boolean inferring;
    private final Ended all;
    private final Map<Long, Ended> ofDevice = new HashMap<>();
    private final Map<Long, Ended> ofLane = new HashMap<>();
    private final Map<Long, Integer> byLaunch = new HashMap<>();
    private final Map<Long, Waits> ofTrack = new HashMap<>();

    /// @param ops by start
    /// @param waits by end
    CriticalPath(List<Op> ops, List<Wait> waits, List<Event> events) {
        this.ops = ops;
        this.before = new int[ops.size()];
        this.event = new int[ops.size()];
        this.inferring = events.isEmpty();
        Map<Long, List<Integer>> lanes = new HashMap<>();
        Map<Long, List<Integer>> devices = new HashMap<>();
        List<Integer> every = new ArrayList<>();
        for (int i = 0; i < ops.size(); i++) {
            List<Integer> lane = lanes.computeIfAbsent(ops.get(i).lane(), _ -> new ArrayList<>());
            before[i] = lane.isEmpty() ? NONE : lane.getLast();
            lane.add(i);
            devices.computeIfAbsent(ops.get(i).device(), _ -> new ArrayList<>()).add(i);
            every.add(i);
            byLaunch.merge(ops.get(i).launchId(), i, this::later);
        }
        this.all = new Ended(every);
        devices.forEach((device, own) -> ofDevice.put(device, new Ended(own)));
        lanes.forEach((lane, own) -> ofLane.put(lane, new Ended(own)));
        Arrays.fill(event, NONE);
        events.forEach(e -> relate(e, lanes));
        for (Wait wait : waits) {
            ofTrack.computeIfAbsent(wait.track(), _ -> new Waits()).add(wait, awaited(wait));
        }
    }

    private int later(int a, int b) {
        return ops.get(a).end() >= ops.get(b).end() ? a : b;
    }

    /// The first work that a stream was given after it was told to wait, and the last that the other was given
    /// before.
    private void relate(Event e, Map<Long, List<Integer>> lanes) {
        List<Integer> waiting = lanes.getOrDefault(e.lane(), List.of());
        List<Integer> other = lanes.getOrDefault(e.other(), List.of());
        int first = firstIssued(waiting, e.from());
        int last = firstIssued(other, e.until() + 1) - 1;
        if (first < waiting.size() && last >= 0) {
            int op = waiting.get(first);
            event[op] = event[op] == NONE ? other.get(last) : later(event[op], other.get(last));
        }
    }

    /// Where in a stream the first work stands that was issued from a moment on.
    private int firstIssued(List<Integer> lane, long moment) {
        int low = 0;
        int high = lane.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ops.get(lane.get(middle)).launchTs() < moment) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /// The work whose end a wait waited for; none where it had ended before.
    private int awaited(Wait wait) {
        Integer own = byLaunch.get(wait.id());
        if (own != null && wait.id() >= 0) {
            return ops.get(own).end() <= wait.end() ? own : NONE;
        }
        Ended ended = wait.lane() < 0 ? all : ofLane.getOrDefault(wait.lane(), all);
        return ended.issuedBefore(wait);
    }

    /// Device work by its end.
    private final class Ended {
        private final int[] order;

        Ended(List<Integer> own) {
            order = own.stream()
                    .sorted((a, b) -> Long.compare(ops.get(a).end(), ops.get(b).end()))
                    .mapToInt(Integer::intValue)
                    .toArray();
        }

        /// Position of the last that has ended at a moment; -1 where none has.
        int last(long moment) {
            int low = 0;
            int high = order.length;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (ops.get(order[middle]).end() <= moment) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low - 1;
        }

        int issuedBefore(Wait wait) {
            int from = last(wait.end());
            for (int at = from; at >= 0 && at > from - TRIED; at--) {
                Op op = ops.get(order[at]);
                if (op.end() <= wait.ts()) {
                    return NONE;
                }
                if (op.launchTs() <= wait.ts()) {
                    return order[at];
                }
            }
            return NONE;
        }
    }

    /// Calls of a thread that waited for device work, by their end.
    private static final class Waits {
        private final List<Wait> waits = new ArrayList<>();
        private final List<Integer> awaited = new ArrayList<>();

        void add(Wait wait, int op) {
            if (op != NONE) {
                waits.add(wait);
                awaited.add(op);
            }
        }

        /// Position of the last that has returned at a moment; -1 where none has.
        int last(long moment) {
            int low = 0;
            int high = waits.size();
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (waits.get(middle).end() <= moment) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low - 1;
        }
    }

    /// The path of a span, from its end to its start.
    List<Segment> of(Span span) {
        return new Walk(span).back();
    }

    /// One walk: a moment, and what is on the path there.
    private final class Walk {
        private final Span span;
        private final List<Segment> path = new ArrayList<>();
        private long moment;
        private int op;
        private long track;

        Walk(Span span) {
            this.span = span;
            this.moment = span.end();
            this.track = span.track();
            Ended ended = ofDevice.get(span.device());
            int at = ended == null ? NONE : ended.last(span.end());
            this.op = at >= 0 && ops.get(ended.order[at]).end() == span.end() ? ended.order[at] : NONE;
        }

        List<Segment> back() {
            while (moment > span.ts()) {
                if (op != NONE) {
                    device();
                } else {
                    host();
                }
            }
            return path;
        }

        /// Goes back to a moment, and not past the start of the span.
        private void to(long earlier, Kind kind, long id, long thread) {
            long ts = Math.max(earlier, span.ts());
            if (ts < moment) {
                path.add(new Segment(kind, id, thread, ts, moment));
                moment = ts;
            }
        }

        private void device() {
            Op here = ops.get(op);
            to(here.ts(), Kind.DEVICE, here.id(), NONE);
            int previous = latest(op);
            long ended = previous == NONE
                    ? Long.MIN_VALUE
                    : Math.min(ops.get(previous).end(), here.ts());
            boolean together = previous != NONE
                    && here.launchId() >= 0
                    && ops.get(previous).launchId() == here.launchId();
            if (here.submit() >= 0 && here.submit() > ended && !together) {
                to(here.submit(), Kind.LAUNCH, here.launchId(), NONE);
                track = here.track();
                op = NONE;
            } else if (previous == NONE) {
                to(span.ts(), Kind.UNKNOWN, NONE, NONE);
            } else {
                to(ended, here.submit() < 0 ? Kind.UNKNOWN : Kind.QUEUE, here.id(), NONE);
                op = previous;
            }
        }

        private void host() {
            Waits waits = ofTrack.get(track);
            int at = waits == null ? NONE : waits.last(moment);
            if (waits == null || at < 0) {
                to(span.ts(), track < 0 ? Kind.UNKNOWN : Kind.HOST, NONE, track);
                return;
            }
            Wait wait = waits.waits.get(at);
            to(wait.end(), Kind.HOST, NONE, track);
            op = waits.awaited.get(at);
            to(ops.get(op).end(), Kind.WAIT, wait.id(), track);
        }
    }

    /// What ended last of what an operation could not begin before.
    private int latest(int op) {
        int stream = before[op];
        int told = event[op] != NONE && ops.get(event[op]).end() <= ops.get(op).ts() ? event[op] : NONE;
        int other = told == NONE && inferring ? inferred(op) : told;
        if (other == NONE || stream == NONE) {
            return Math.max(stream, other);
        }
        return ops.get(other).end() > ops.get(stream).end() ? other : stream;
    }

    private int inferred(int op) {
        Op here = ops.get(op);
        long stood = before[op] == NONE ? Long.MIN_VALUE : ops.get(before[op]).end();
        Ended ended = ofDevice.get(here.device());
        int at = ended == null ? NONE : ended.last(here.ts());
        if (ended == null || at < 0 || here.submit() < 0) {
            return NONE;
        }
        int other = ended.order[at];
        long end = ops.get(other).end();
        boolean waited = stood == Long.MIN_VALUE || here.ts() - stood > INFERRED_GAP_NS;
        return waited && end > stood && here.ts() - end <= INFERRED_DELAY_NS ? other : NONE;
    }
}
