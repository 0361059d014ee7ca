package dev.hourglass.core.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
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

    /// Counts for minutes, unless it is stopped.
    private static final String LONG =
            "SELECT count(*) AS n FROM range(3000000) a, range(3000000) b WHERE a.range * b.range % 7 = 3";

    private static Session decodeRun(Path dir) throws IOException {
        SessionLayout session = StoredSessions.unpack("v1/decode", dir);
        Change.of(session, () -> {}, store -> store);
        return Session.open(dir);
    }

    @Test
    void closingStopsTheQueryOfAnotherThreadFirst(@TempDir Path dir) throws Exception {
        try (Session session = decodeRun(dir);
                ExecutorService thread = Executors.newSingleThreadExecutor()) {
            Session second = session.again();
            Future<Rows> answer = thread.submit(() -> second.query(LONG));
            second.close();
            assertThatThrownBy(answer::get).hasCauseInstanceOf(QueryException.class);
            assertThatThrownBy(() -> second.query("SELECT 1"))
                    .isInstanceOf(QueryException.class)
                    .hasMessageContaining("closed");
            assertThat(session.query("SELECT count(*) AS n FROM token").integer(0, "n"))
                    .hasValue(4);
        }
    }

    @Test
    void cancellingStopsWhatRunsAndNothingElse(@TempDir Path dir) throws Exception {
        try (Session session = decodeRun(dir);
                ExecutorService thread = Executors.newSingleThreadExecutor()) {
            Future<Rows> answer = thread.submit(() -> session.query(LONG));
            while (!answer.isDone()) {
                session.cancel();
            }
            assertThatThrownBy(answer::get).hasCauseInstanceOf(QueryException.class);
            assertThat(session.query("SELECT 1 AS n").integer(0, "n")).hasValue(1);
        }
    }

    /// Short queries end, and sessions close, at any moment of a cancellation.
    @Test
    void whoCancelsMeetsNoClosedStatement(@TempDir Path dir) throws Exception {
        try (Session session = decodeRun(dir);
                ExecutorService thread = Executors.newSingleThreadExecutor()) {
            AtomicReference<Session> current = new AtomicReference<>(session);
            AtomicBoolean over = new AtomicBoolean();
            Future<?> canceller = thread.submit(() -> {
                while (!over.get()) {
                    current.get().cancel();
                }
            });
            try {
                for (int round = 0; round < 10; round++) {
                    try (Session second = session.again()) {
                        current.set(second);
                        for (int i = 0; i < 20; i++) {
                            answered(second);
                        }
                    }
                }
            } finally {
                over.set(true);
            }
            canceller.get();
            assertThat(session.query("SELECT 1 AS n").integer(0, "n")).hasValue(1);
        }
    }

    /// The answer, unless it was cancelled.
    private static void answered(Session session) {
        try {
            assertThat(session.query("SELECT count(*) AS n FROM token").integer(0, "n"))
                    .hasValue(4);
        } catch (QueryException e) {
            assertThat(e).hasMessage("the query was stopped");
        }
    }
}
