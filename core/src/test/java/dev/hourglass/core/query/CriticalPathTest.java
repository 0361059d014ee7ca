package dev.hourglass.core.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.query.CriticalPath.Event;
import dev.hourglass.core.query.CriticalPath.Kind;
import dev.hourglass.core.query.CriticalPath.Op;
import dev.hourglass.core.query.CriticalPath.Segment;
import dev.hourglass.core.query.CriticalPath.Span;
import dev.hourglass.core.query.CriticalPath.Wait;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/// The chain that is found, against small schedules worked by hand, and against a search that looks at every chain.
final class CriticalPathTest {
    private static final long HOST = 50;
    private static final long LATENCY = 7;

    private static Op op(long id, long lane, long ts, long end, long launchTs, long launchEnd) {
        return new Op(id, ts, end, lane, 0, Math.min(launchEnd, ts), launchTs, 1000 + id, HOST);
    }

    private static List<String> told(List<Segment> path) {
        return path.stream()
                .map(s -> s.kind() + " " + s.id() + " " + s.ts() + "-" + s.end())
                .toList();
    }

    /// Two kernels one after the other, issued at once; the host waits for both.
    @Test
    void workThatFollowsInItsStreamIsOneChainBackToItsLaunch() {
        List<Op> ops = List.of(op(1, 7, 30, 130, 10, 20), op(2, 7, 132, 200, 20, 30));
        CriticalPath path = new CriticalPath(ops, List.of(), List.of());
        assertThat(told(path.of(new Span(0, 0, 200, HOST))))
                .containsExactly(
                        "DEVICE 2 132-200", "QUEUE 2 130-132", "DEVICE 1 30-130", "LAUNCH 1001 20-30", "HOST -1 0-20");
    }

    /// The second is issued after the first has ended: the host is what held it up, whatever the first took.
    @Test
    void lateLaunchesLeadToTheHost() {
        List<Op> ops = List.of(op(1, 7, 30, 40, 10, 20), op(2, 7, 95, 100, 80, 90));
        CriticalPath path = new CriticalPath(ops, List.of(), List.of());
        assertThat(told(path.of(new Span(0, 0, 100, HOST))))
                .containsExactly("DEVICE 2 95-100", "LAUNCH 1002 90-95", "HOST -1 0-90");
    }

    /// A wait leads to the work that was waited for; one that found it done does not.
    @Test
    void waitsLeadToTheAwaitedWork() {
        List<Op> ops = List.of(op(1, 7, 20, 100, 5, 10), op(2, 7, 150, 160, 140, 145));
        List<Wait> waits = List.of(new Wait(90, HOST, 12, 104, -1), new Wait(91, HOST, 110, 120, -1));
        CriticalPath path = new CriticalPath(ops, waits, List.of());
        assertThat(told(path.of(new Span(0, 0, 160, HOST))))
                .containsExactly(
                        "DEVICE 2 150-160",
                        "LAUNCH 1002 145-150",
                        "HOST -1 104-145",
                        "WAIT 90 100-104",
                        "DEVICE 1 20-100",
                        "LAUNCH 1001 10-20",
                        "HOST -1 0-10");
    }

    @Test
    void recordedEventsLeadToAnotherStream() {
        List<Op> ops = List.of(
                op(1, 7, 20, 50, 1, 2), op(2, 8, 21, 300, 2, 3), op(3, 8, 300, 400, 3, 4), op(4, 7, 301, 500, 8, 9));
        // The event was recorded behind the second, before the third was issued.
        List<Event> events = List.of(new Event(7, 5, 8, 2));
        assertThat(told(new CriticalPath(ops, List.of(), events).of(new Span(0, 0, 500, HOST))))
                .containsExactly(
                        "DEVICE 4 301-500", "QUEUE 4 300-301", "DEVICE 2 21-300", "LAUNCH 1002 3-21", "HOST -1 0-3");
    }

    /// Without events: a stream that stood still until just after the end of another's work; not if it went on at
    /// once.
    @Test
    void whereNoEventWasRecordedTheStreamThatEndedJustBeforeIsTaken() {
        List<Op> ops = List.of(op(1, 7, 20, 50, 1, 2), op(2, 8, 21, 30_000, 2, 3), op(3, 7, 30_002, 40_000, 4, 5));
        assertThat(told(new CriticalPath(ops, List.of(), List.of()).of(new Span(0, 0, 40_000, HOST))))
                .containsExactly(
                        "DEVICE 3 30002-40000",
                        "QUEUE 3 30000-30002",
                        "DEVICE 2 21-30000",
                        "LAUNCH 1002 3-21",
                        "HOST -1 0-3");
        List<Op> dense =
                List.of(op(1, 7, 20, 29_998, 1, 2), op(2, 8, 21, 30_000, 2, 3), op(3, 7, 30_002, 40_000, 4, 5));
        assertThat(told(new CriticalPath(dense, List.of(), List.of()).of(new Span(0, 0, 40_000, HOST))))
                .contains("QUEUE 3 29998-30002", "DEVICE 1 20-29998");
    }

    @Test
    void workWithoutACallEndsInWhatIsUnknown() {
        Op alone = new Op(1, 40, 60, 7, 0, -1, -1, -1, -1);
        assertThat(told(new CriticalPath(List.of(alone), List.of(), List.of()).of(new Span(0, 0, 60, HOST))))
                .containsExactly("DEVICE 1 40-60", "UNKNOWN -1 0-40");
    }

    @Test
    void aReplayIsOneLaunchHoweverLongItsCall() {
        Op first = new Op(1, 20, 30, 7, 0, 20, 10, 77, HOST);
        Op second = new Op(2, 31, 40, 7, 0, 31, 10, 77, HOST);
        assertThat(told(new CriticalPath(List.of(first, second), List.of(), List.of()).of(new Span(0, 0, 40, HOST))))
                .containsExactly("DEVICE 2 31-40", "QUEUE 2 30-31", "DEVICE 1 20-30", "HOST -1 0-20");
    }

    /// A schedule drawn by chance: the host issues to three streams, lets one wait for another, waits itself. Times
    /// follow from what each begins after; the longest chain is known from all chains there are.
    @RepeatedTest(300)
    void findsTheChainThatASearchThroughAllChainsFinds(RepetitionInfo info) {
        Random random = new Random(info.getCurrentRepetition());
        Drawn drawn = new Drawn(random);
        while (drawn.ambiguous) {
            drawn = new Drawn(random);
        }
        CriticalPath path = new CriticalPath(drawn.ops, drawn.waits, drawn.events);
        Op last = drawn.ops.stream().max(Comparator.comparingLong(Op::end)).orElseThrow();
        List<Segment> found = path.of(new Span(0, 0, last.end(), HOST));
        assertThat(found.stream().mapToLong(s -> s.end() - s.ts()).sum()).isEqualTo(last.end());
        for (int i = 1; i < found.size(); i++) {
            assertThat(found.get(i).end()).isEqualTo(found.get(i - 1).ts());
        }
        assertThat(found.stream()
                        .filter(s -> s.kind() == Kind.DEVICE)
                        .map(Segment::id)
                        .toList())
                .isEqualTo(drawn.works(drawn.node(last.id())));
        assertThat(found.stream()
                        .filter(s -> s.kind() == Kind.HOST)
                        .mapToLong(s -> s.end() - s.ts())
                        .sum())
                .isEqualTo(drawn.hostTime(drawn.node(last.id())));
    }

    /// A task, what it begins after, and how long it takes. Nothing is searched by time here: a task's moment is the
    /// length of its longest chain.
    private record Node(long id, boolean device, long dur, List<Node> after, List<Long> latency) {
        /// Every chain that ends here, by brute force: the longest.
        long length() {
            return dur
                    + LongStream.range(0, after.size())
                            .map(i -> after.get((int) i).length() + latency.get((int) i))
                            .max()
                            .orElse(0);
        }

        Node binding() {
            Node best = after.getFirst();
            long most = Long.MIN_VALUE;
            for (int i = 0; i < after.size(); i++) {
                long reach = after.get(i).length() + latency.get(i);
                best = reach > most ? after.get(i) : best;
                most = Math.max(most, reach);
            }
            return best;
        }
    }

    private static final class Drawn {
        private final List<Op> ops = new ArrayList<>();
        private final List<Wait> waits = new ArrayList<>();
        private final List<Event> events = new ArrayList<>();
        private final List<Node> works = new ArrayList<>();
        /// Whether work before ended while a launch was on its way: which of the two was awaited no recording tells.
        private boolean ambiguous;

        Drawn(Random random) {
            Node host = new Node(-1, false, 1, List.of(), List.of());
            Node[] streams = new Node[3];
            Node[] pending = new Node[3];
            // Something is recorded, so that nothing is inferred.
            events.add(new Event(99, 0, 98, 0));
            for (int i = 0; i < 9; i++) {
                host = new Node(-1, false, 11 + 2 * random.nextInt(400), List.of(host), List.of(0L));
                int lane = random.nextInt(3);
                int other = (lane + 1 + random.nextInt(2)) % 3;
                if (random.nextInt(4) == 0 && streams[other] != null) {
                    long now = host.length();
                    events.add(new Event(lane, now, other, now));
                    pending[lane] = pending[lane] == null || streams[other].length() > pending[lane].length()
                            ? streams[other]
                            : pending[lane];
                }
                host = issue(host, lane, streams, pending, 3 + 2 * random.nextInt(900));
                if (random.nextInt(4) == 0) {
                    host = awaits(host, lane, streams[lane]);
                }
            }
            issue(host, random.nextInt(3), streams, pending, 100_000);
            ops.sort(Comparator.comparingLong(Op::ts).thenComparingLong(Op::id));
            waits.sort(Comparator.comparingLong(Wait::end));
        }

        private Node issue(Node before, int lane, Node[] streams, Node[] pending, long dur) {
            Node call = new Node(-1, false, 5, List.of(before), List.of(0L));
            List<Node> after = new ArrayList<>(List.of(call));
            List<Long> latency = new ArrayList<>(List.of(LATENCY));
            for (Node earlier : new Node[] {streams[lane], pending[lane]}) {
                if (earlier != null) {
                    long late = earlier.length() - call.length();
                    ambiguous |= late >= 0 && late <= LATENCY;
                    after.add(earlier);
                    latency.add(0L);
                }
            }
            pending[lane] = null;
            Node work = new Node(works.size(), true, dur, after, latency);
            works.add(work);
            streams[lane] = work;
            long end = work.length();
            ops.add(new Op(work.id(), end - dur, end, lane, 0, call.length(), before.length(), 1000 + work.id(), HOST));
            return call;
        }

        private Node awaits(Node before, int lane, Node work) {
            Node wait = new Node(-1, false, 2, List.of(before, work), List.of(0L, 0L));
            waits.add(new Wait(5000 + waits.size(), HOST, before.length(), wait.length(), lane));
            return wait;
        }

        Node node(long id) {
            return works.get((int) id);
        }

        /// The device work on the longest chain, from its end.
        List<Long> works(Node end) {
            List<Long> all = new ArrayList<>();
            for (Node at = end; ; at = at.binding()) {
                if (at.device()) {
                    all.add(at.id());
                }
                if (at.after().isEmpty()) {
                    return all;
                }
            }
        }

        /// Time of the host on it, without the end of a wait for device work, which is not the host's.
        long hostTime(Node end) {
            long sum = 0;
            for (Node at = end; ; at = at.binding()) {
                boolean woken =
                        !at.device() && !at.after().isEmpty() && at.binding().device();
                sum += at.device() || woken ? 0 : at.dur();
                if (at.after().isEmpty()) {
                    return sum;
                }
            }
        }
    }
}
