package dev.hourglass.core.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import org.junit.jupiter.api.Test;

final class MomentsTest {
    /// Whatever is computed of two possible moments, or of a moment and how long it lasted, is exact.
    @Test
    void sumsAndDifferencesOfPossibleMomentsFit() {
        long[] outermost = {Moments.EARLIEST, -1, 0, 1, Moments.LATEST};
        for (long a : outermost) {
            for (long b : outermost) {
                assertThat(Math.addExact(a, b)).isEqualTo(Moments.plus(a, b));
                assertThat(Moments.isPossible(a, Math.subtractExact(b, a))).isEqualTo(b - a >= Moments.EARLIEST);
                assertThat(Moments.apart(a, b)).isEqualTo(Math.absExact(Math.subtractExact(a, b)));
            }
        }
    }

    @Test
    void whatDoesNotFitIsTheNearestThatDoes() {
        assertThat(Moments.plus(Long.MAX_VALUE, 1)).isEqualTo(Long.MAX_VALUE);
        assertThat(Moments.plus(Long.MIN_VALUE, -1)).isEqualTo(Long.MIN_VALUE);
        assertThat(Moments.plus(Long.MIN_VALUE, Long.MAX_VALUE)).isEqualTo(-1);
        assertThat(Moments.apart(Long.MIN_VALUE, Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
        assertThat(Moments.apart(Long.MIN_VALUE, 0)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void nothingBeyondIsPossible() {
        assertThat(Moments.isPossible(Moments.LATEST)).isTrue();
        assertThat(Moments.isPossible(Moments.LATEST + 1)).isFalse();
        assertThat(Moments.isPossible(Moments.EARLIEST - 1)).isFalse();
        assertThat(Moments.isPossible(Moments.LATEST, 1)).isFalse();
        assertThat(Moments.isPossible(0, Long.MIN_VALUE)).isFalse();
        assertThat(Moments.isPossible(0, -1)).isTrue();
    }

    @Test
    void aBatchWithoutSomeRowsHasTheOthers() {
        EventBatch batch = new EventBatch(TraceTables.PERF_STAT, 3);
        for (int c = 0; c < TraceTables.PERF_STAT.columns().size(); c++) {
            batch.setAllNull(c);
        }
        EventBatch some = new EventBatch(TraceTables.COUNTER, 3);
        int id = TraceTables.COUNTER.indexOf("id");
        int value = TraceTables.COUNTER.indexOf("value");
        for (int row = 0; row < 3; row++) {
            some.longs(id)[row] = row;
            some.doubles(value)[row] = row * 0.5;
        }
        some.setNull(value, 2);
        some.setSize(3);
        BitSet first = new BitSet();
        first.set(0);
        EventBatch rest = some.without(first);
        assertThat(rest.size()).isEqualTo(2);
        assertThat(rest.longs(id)).containsExactly(1, 2);
        assertThat(rest.doubles(value)[0]).isEqualTo(0.5);
        assertThat(rest.isNull(value, 0)).isFalse();
        assertThat(rest.isNull(value, 1)).isTrue();
        batch.setSize(3);
        assertThat(batch.without(first).isAllNull(id)).isTrue();
    }
}
