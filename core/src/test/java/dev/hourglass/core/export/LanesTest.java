package dev.hourglass.core.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LanesTest {
    private record Span(long id, long ts, long dur) {}

    @Test
    void showsEverySpanOnceAndNestsThoseOfALane() throws IOException {
        Random random = new Random(3);
        for (int round = 0; round < 200; round++) {
            List<Span> spans = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                spans.add(new Span(i, random.nextInt(50), random.nextInt(8) == 0 ? 0 : random.nextInt(20)));
            }
            spans.sort(Comparator.comparingLong(Span::ts).thenComparing(Span::dur, Comparator.reverseOrder()));
            assertThat(told(spans)).containsExactlyInAnyOrderElementsOf(spans);
        }
    }

    @Test
    void keepsNestedSpansOnOneLaneAndLeavesOpenWhatNeverEnds() throws IOException {
        List<String> told = new ArrayList<>();
        Lanes lanes = new Lanes(new Lanes.Listener() {
            @Override
            public void begin(int lane, long slice, long ts) {
                told.add("begin " + lane + " " + slice + " " + ts);
            }

            @Override
            public void end(int lane, long slice, long ts) {
                told.add("end " + lane + " " + slice + " " + ts);
            }
        });
        lanes.add(1, 0, -1);
        lanes.add(2, 5, 10);
        lanes.add(3, 6, 0);
        lanes.add(4, 10, 10);
        lanes.finish();

        assertThat(told)
                .containsExactly(
                        "begin 0 1 0",
                        "begin 0 2 5",
                        "begin 0 3 6",
                        "end 0 3 6",
                        "begin 1 4 10",
                        "end 0 2 15",
                        "end 1 4 20");
    }

    private static List<Span> told(List<Span> spans) throws IOException {
        Map<Integer, Deque<long[]>> open = new HashMap<>();
        Map<Integer, Long> last = new HashMap<>();
        List<Span> told = new ArrayList<>();
        Lanes lanes = new Lanes(new Lanes.Listener() {
            @Override
            public void begin(int lane, long slice, long ts) {
                assertThat(ts).isGreaterThanOrEqualTo(last.getOrDefault(lane, 0L));
                last.put(lane, ts);
                open.computeIfAbsent(lane, l -> new ArrayDeque<>()).push(new long[] {slice, ts});
            }

            @Override
            public void end(int lane, long slice, long ts) {
                assertThat(ts).isGreaterThanOrEqualTo(last.getOrDefault(lane, 0L));
                last.put(lane, ts);
                long[] begun = open.get(lane).pop();
                assertThat(begun[0]).isEqualTo(slice);
                told.add(new Span(slice, begun[1], ts - begun[1]));
            }
        });
        for (Span span : spans) {
            lanes.add(span.id(), span.ts(), span.dur());
        }
        lanes.finish();
        return told;
    }
}
