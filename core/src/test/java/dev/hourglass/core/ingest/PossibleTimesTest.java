package dev.hourglass.core.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.read.CollectedRows;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.SourceTimes;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.EngineTables;
import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.Moments;
import dev.hourglass.core.trace.RowWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// No time that cannot be reaches a session, by whatever way.
final class PossibleTimesTest {
    @TempDir
    private Path directory;

    private final ImportStats stats = new ImportStats();
    private final CollectedRows rows = new CollectedRows();

    private void step(RowWriter writer, long ts, long dur, long gpu) {
        writer.set("ts", ts)
                .set("dur", dur)
                .set("gpu_ns", gpu)
                .set("source_id", 1)
                .end();
    }

    @Test
    void rowsOfImpossibleTimesAreCountedAndTheOthersStay() {
        try (RowWriter writer = new RowWriter(EngineTables.STEP, new PossibleTimes(rows, stats))) {
            step(writer, 5, 10, 3);
            step(writer, Long.MAX_VALUE, 10, 3);
            step(writer, Moments.LATEST, 1, 3);
            step(writer, Moments.LATEST, 0, Long.MIN_VALUE);
        }
        assertThat(rows.of(EngineTables.STEP)).extracting(row -> row.get("ts")).containsExactly(5L, Moments.LATEST);
        assertThat(rows.of(EngineTables.STEP).getLast()).doesNotContainKey("gpu_ns");
        assertThat(stats.losses()).singleElement().satisfies(loss -> {
            assertThat(loss.kind()).isEqualTo("impossible_time");
            assertThat(loss.count()).isEqualTo(3);
        });
    }

    @Test
    void anOffsetMovesNothingBeyondWhatIsPossible() {
        ShiftedSink shifted = new ShiftedSink(new PossibleTimes(rows, stats), Long.MAX_VALUE);
        try (RowWriter writer = new RowWriter(EngineTables.STEP, shifted)) {
            step(writer, 5, 10, 3);
            step(writer, -Long.MAX_VALUE + 7, 10, 3);
        }
        assertThat(rows.of(EngineTables.STEP)).extracting(row -> row.get("ts")).containsExactly(7L);
        assertThat(stats.losses()).extracting(ImportStats.Loss::count).containsExactly(1L);
    }

    /// One impossible row among others, from the file to the answer.
    @Test
    void anImportKeepsTheRest() throws IOException {
        Path trace = Files.writeString(directory.resolve("trace.json"), """
                {"baseTimeNanoseconds": 1700000000000000000, "traceEvents": [
                {"ph":"X","cat":"kernel","name":"k","pid":0,"tid":7,"ts":1,"dur":2,"args":{"device":0,"stream":7}},
                {"ph":"X","cat":"kernel","name":"k","pid":0,"tid":7,"ts":9223372036854775.807,"dur":2,"args":{"device":0,"stream":7}}]}""");
        SessionLayout session = new SessionLayout(Files.createDirectory(directory.resolve("session")));
        TraceImport.Summary summary = new TraceImport(
                        new TraceImport.Options(Optional.empty(), Map.of("trace.json", -3L), false), bytes -> {})
                .into(List.of(trace), session.database());
        assertThat(summary.losses()).extracting(loss -> loss.what().kind()).contains("impossible_time");
        try (Session opened = Session.open(session.directory())) {
            Rows kernels = opened.query("SELECT ts, dur FROM kernel");
            assertThat(kernels.rows()).hasSize(1);
            assertThat(kernels.integer(0, "ts")).hasValue(1_700_000_000_000_000_997L);
        }
        try (TraceStore store = TraceStore.append(session.database())) {
            SourceTimes times = new SourceTimes(store, 1);
            assertThat(times.canShift(1_000_000_000)).isTrue();
            assertThat(times.canShift(Moments.LATEST)).isFalse();
            assertThat(times.canShift(Long.MIN_VALUE + 1)).isFalse();
        }
    }
}
