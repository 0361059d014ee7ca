package dev.hourglass.app.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.query.Session;
import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.SessionDirectory;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.RowSpool;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KilledRunsTest {
    @TempDir
    private Path directory;

    private final List<String> said = new ArrayList<>();

    /// Where a recorder that is gone let a session grow.
    private SessionLayout growing() throws Exception {
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        return new SessionLayout(Files.createDirectory(directory.resolve(".run.growing-" + gone.pid())));
    }

    private static void samples(SessionLayout session, int count) throws IOException {
        try (RowSpool spool = RowSpool.create(session.machineRows())) {
            try (RowWriter rows = new RowWriter(Tables.CORE_SAMPLE, spool)) {
                for (long i = 0; i < count; i++) {
                    rows.set("ts", 100 * i)
                            .set("dur", 100)
                            .set("core", 0)
                            .set("busy_ratio", 0.5)
                            .set("user_ratio", 0.5)
                            .set("system_ratio", 0.0)
                            .set("steal_ratio", 0.0)
                            .end();
                }
            }
            spool.append();
        }
    }

    private static void steps(SessionLayout session, int count) throws IOException {
        try (RowSpool spool = RowSpool.create(session.stepRows())) {
            try (RowWriter tokens = new RowWriter(Tables.TOKEN, spool);
                    RowWriter unprofiled = new RowWriter(Tables.TOKEN_UNPROFILED, spool);
                    RowWriter ops = new RowWriter(Tables.OP, spool)) {
                for (long i = 0; i < count; i++) {
                    tokens.set("token", i)
                            .set("ts", 1000 * i)
                            .set("dur", 900)
                            .set("position", i)
                            .end();
                    unprofiled
                            .set("token", i)
                            .set("ts", 1000 * i + 900)
                            .set("dur", 90)
                            .end();
                    ops.set("token", i)
                            .set("name", "ffn")
                            .set("component", "t_cpu_computation")
                            .set("ts", 1000 * i)
                            .set("dur", 800)
                            .set("nodes", 1)
                            .end();
                }
            }
            spool.append();
        }
    }

    private long count(Path session, String table) {
        try (Session opened = Session.open(session)) {
            return opened.query("SELECT count(*) AS n FROM " + table)
                    .integer(0, "n")
                    .orElse(-1);
        }
    }

    @Test
    void whatWasMeasuredBecomesASession() throws Exception {
        SessionLayout growing = growing();
        TraceStore.create(growing.database(), BlockSize.SMALL).close();
        samples(growing, 5);
        steps(growing, 3);

        KilledRuns.finish(directory, said::add);

        Path session = directory.resolve("run-unfinished");
        assertThat(said).singleElement().asString().contains("was killed", session.toString());
        assertThat(count(session, "core_sample")).isEqualTo(5);
        assertThat(count(session, "token")).isEqualTo(3);
        assertThat(count(session, "import_stat WHERE kind = 'recorder_killed'")).isEqualTo(1);
        assertThat(session.resolve("report.html")).isNotEmptyFile();
        assertThat(new SessionLayout(session).machineRows()).doesNotExist();
        assertThat(growing.directory()).doesNotExist();
    }

    @Test
    void samplesAloneAreKeptToo() throws Exception {
        samples(growing(), 5); // killed before there was a database
        Files.createDirectory(directory.resolve("run-unfinished"));

        KilledRuns.finish(directory, said::add);

        assertThat(count(directory.resolve("run-unfinished-2"), "core_sample")).isEqualTo(5);
    }

    @Test
    void whatProcessesOfACommandWroteDownBecomesASession() throws Exception {
        SessionLayout session = growing();
        samples(session, 3);
        Files.createDirectory(session.probe());
        Path engine = Path.of("../core/src/test/resources/probe/golden/engine-4243-4343-0.seg");
        Files.copy(engine, session.probe().resolve("engine-4243-4343-0.seg"));
        // An attempt that was killed too may have left a database.
        TraceStore.create(session.database(), BlockSize.SMALL).close();
        KilledRuns.finish(directory, said::add);
        assertThat(said).singleElement().asString().contains("run-unfinished");
        Path whole = directory.resolve("run-unfinished");
        try (Session opened = Session.open(whole)) {
            assertThat(opened.query("SELECT count(*) AS n FROM step").integer(0, "n"))
                    .hasValue(4);
            assertThat(opened.query("SELECT count(*) AS n FROM core_sample").integer(0, "n"))
                    .hasValue(3);
            assertThat(opened.query("SELECT count(*) AS n FROM import_stat WHERE kind = 'recorder_killed'")
                            .integer(0, "n"))
                    .hasValue(1);
        }
        assertThat(whole.resolve("report.html")).exists();
        assertThat(new SessionLayout(whole).probe()).doesNotExist();
    }

    @Test
    void rowsThatAreInTheDatabaseAlreadyAreNotReadTwice() throws Exception {
        SessionLayout growing = growing();
        samples(growing, 5);
        try (TraceStore store = TraceStore.create(growing.database(), BlockSize.SMALL)) {
            RowSpool.read(growing.machineRows(), store);
        }

        KilledRuns.finish(directory, said::add);

        assertThat(count(directory.resolve("run-unfinished"), "core_sample")).isEqualTo(5);
    }

    @Test
    void theNextRunForTheSamePlaceRemovesOnlyWhatHoldsNothing() throws Exception {
        SessionLayout measured = growing();
        samples(measured, 1);
        SessionLayout empty = growing();
        SessionDirectory.claim(directory.resolve("run"), false).close();
        assertThat(measured.machineRows()).isNotEmptyFile();
        assertThat(empty.directory()).doesNotExist();
    }

    @Test
    void whatCannotBeReadIsSaidAndStays() throws Exception {
        SessionLayout growing = growing();
        samples(growing, 5);
        Files.writeString(growing.database(), "no database");

        KilledRuns.finish(directory, said::add);

        assertThat(said).singleElement().asString().contains("cannot be finished");
        assertThat(growing.machineRows()).isNotEmptyFile();
    }
}
