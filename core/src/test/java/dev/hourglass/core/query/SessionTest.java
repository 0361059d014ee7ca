package dev.hourglass.core.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionTest {
    private static final int SAMPLES = 216;

    /// The database's optimizer once answered this with -40: 216 in eight bits.
    @Test
    void aSumOverJoinedRowsKeepsItsBitsWhenItIsSorted(@TempDir Path dir) {
        try (TraceStore store = TraceStore.create(new SessionLayout(dir).database(), BlockSize.SMALL)) {
            try (RowWriter token = new RowWriter(Tables.TOKEN, store);
                    RowWriter sample = new RowWriter(Tables.THREAD_SAMPLE, store)) {
                for (int i = 0; i < SAMPLES; i++) {
                    sample.set("ts", i * 100L)
                            .set("dur", 100)
                            .set("tid", i % 2)
                            .set("involuntary_switches", 2)
                            .end();
                }
                for (int i = 0; i < 48; i++) {
                    token.set("token", i).set("ts", i * 450L).set("dur", 450).end();
                }
            }
        }
        String sql = """
                SELECT s.tid, sum(s.involuntary_switches)::BIGINT AS n
                FROM thread_sample s, (SELECT min(ts) AS t0, max(ts + dur) AS t1 FROM token) p
                WHERE s.ts + s.dur > p.t0 AND s.ts < p.t1
                GROUP BY s.tid
                ORDER BY s.tid
                """;
        try (Session session = Session.open(dir)) {
            assertThat(session.query(sql).integer(0, "n")).hasValue(SAMPLES);
            assertThat(session.query(sql.replace("::BIGINT", "") + ", n").real(0, "n"))
                    .hasValue(SAMPLES);
        }
    }
}
