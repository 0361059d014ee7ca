package dev.hourglass.core.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.read.chrome.Nesting;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.ImportContext;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class SliceWriterTest {
    /// More than are sorted together, in no order, on few tracks, with equal starts, instants, spans that
    /// overlap and spans without an end.
    @Test
    void nestsAsIfAllWereInMemory() {
        int n = 400_000;
        Random random = new Random(3);
        int[] track = new int[n];
        long[] ts = new long[n];
        long[] dur = new long[n];
        int[] row = {0};
        long[][] got = new long[4][n];
        try (SliceWriter writer =
                new SliceWriter(batch -> row[0] = take(batch, row[0], got), ImportContext.standalone())) {
            for (int i = 0; i < n; i++) {
                track[i] = random.nextInt(5);
                ts[i] = random.nextInt(1_000_000) * 10L;
                dur[i] = switch (random.nextInt(8)) {
                    case 0 -> 0;
                    case 1 -> random.nextInt(100) == 0 ? -1 : 10;
                    case 2 -> 100_000;
                    default -> random.nextInt(500);
                };
                assertThat(writer.add(track[i] + 100, ts[i], dur[i], "n" + i % 7, i % 3 == 0 ? null : "c"))
                        .isEqualTo(i + 1);
                if (i % 5 == 0) {
                    writer.withArgs();
                }
            }
        }

        int[] depth = new int[n];
        int[] parent = new int[n];
        Nesting.nest(n, track, ts, dur, depth, parent);
        assertThat(row[0]).isEqualTo(n);
        for (int i = 0; i < n; i++) {
            boolean same = got[0][i] == i + 1
                    && got[1][i] == depth[i]
                    && got[2][i] == parent[i] + 1
                    && got[3][i] == (i % 5 == 0 ? i + 1 : 0);
            assertThat(same)
                    .as("slice %d: %d %d %d", i, got[1][i], got[2][i], got[3][i])
                    .isTrue();
        }
    }

    /// Identifier, depth, identifier of the parent or 0, set of arguments or 0.
    private static int take(EventBatch batch, int from, long[][] into) {
        for (int r = 0; r < batch.size(); r++) {
            into[0][from + r] = batch.longs(0)[r];
            into[1][from + r] = batch.longs(6)[r];
            into[2][from + r] = batch.isNull(7, r) ? 0 : batch.longs(7)[r];
            into[3][from + r] = batch.isNull(8, r) ? 0 : batch.longs(8)[r];
        }
        return from + batch.size();
    }
}
