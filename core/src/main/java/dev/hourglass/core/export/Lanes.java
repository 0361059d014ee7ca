package dev.hourglass.core.export;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Spreads the slices of one track over lanes in which each slice either contains another or does not
/// touch it: formats with begin and end events can show nothing else. Kernels of one stream may overlap.
final class Lanes {
    /// What is told of a lane, in order of time within the lane.
    interface Listener {
        /// A slice begins; `lane` counts from 0.
        void begin(int lane, long slice, long ts) throws IOException;

        /// The innermost open slice of a lane ends.
        void end(int lane, long slice, long ts) throws IOException;
    }

    private record Open(long slice, long end) {}

    private final Listener listener;
    private final List<Deque<Open>> lanes = new ArrayList<>();

    Lanes(Listener listener) {
        this.listener = listener;
    }

    /// Takes the next slice of the track; slices come by start, longer ones before shorter.
    ///
    /// @param dur negative for a slice that never ended
    void add(long slice, long ts, long dur) throws IOException {
        long end = dur < 0 ? Long.MAX_VALUE : ts + dur;
        int lane = 0;
        while (!fits(lane, ts, end)) {
            lane++;
        }
        lanes.get(lane).push(new Open(slice, end));
        listener.begin(lane, slice, ts);
    }

    /// Ends what is open, when the track has no more slices.
    void finish() throws IOException {
        for (int lane = 0; lane < lanes.size(); lane++) {
            close(lane, Long.MAX_VALUE - 1);
        }
        lanes.clear();
    }

    private boolean fits(int lane, long ts, long end) throws IOException {
        if (lane == lanes.size()) {
            lanes.add(new ArrayDeque<>());
        }
        close(lane, ts);
        Open top = lanes.get(lane).peek();
        return top == null || end <= top.end;
    }

    /// Ends the slices of a lane that are over at a moment.
    private void close(int lane, long ts) throws IOException {
        Deque<Open> open = lanes.get(lane);
        for (Open top = open.peek(); top != null && top.end <= ts; top = open.peek()) {
            open.pop();
            listener.end(lane, top.slice, top.end);
        }
    }
}
