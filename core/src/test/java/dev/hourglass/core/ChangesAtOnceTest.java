package dev.hourglass.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.cost.Peaks;
import dev.hourglass.core.cost.StepCosts;
import dev.hourglass.core.cost.TimedSteps;
import dev.hourglass.core.hardware.DeviceTable;
import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.model.Model;
import dev.hourglass.core.model.checkpoint.ModelReader;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.StoredSessions;
import dev.hourglass.core.store.SessionLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChangesAtOnceTest {
    @TempDir
    private Path directory;

    /// What `mfu` writes and what `import --append` adds, while both are at it.
    @Test
    void costsAndAdditionsDoNotLoseEachOther() throws Exception {
        SessionLayout session = StoredSessions.unpack("v1/trace", directory.resolve("session"));
        Model model = ModelReader.read(Path.of("../benchmarks/model-oracle/configs/llama-3.1-8b.json"));
        TimedSteps steps;
        Peaks peaks;
        try (Session opened = Session.open(session.directory())) {
            steps = TimedSteps.of(
                    opened, new TimedSteps.Given(OptionalLong.of(1), OptionalLong.of(512), OptionalLong.of(512)));
            peaks = Peaks.of(opened, DeviceTable.find("h100-sxm"));
        }
        assertThat(steps.steps()).isNotEmpty();
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Future<?> costs = threads.submit(() -> {
                StepCosts.write(session, model, peaks, steps);
                return model;
            });
            Future<?> additions = threads.submit(() -> {
                for (int i = 0; i < 2; i++) {
                    Path more = Files.writeString(
                            directory.resolve("more" + i + ".json"),
                            "{\"traceEvents\": [{\"ph\":\"X\",\"name\":\"added\",\"pid\":" + i
                                    + ",\"tid\":1,\"ts\":1,\"dur\":2}]}");
                    new TraceImport(TraceImport.Options.DEFAULT, bytes -> {})
                            .addTo(List.of(more), session, () -> {}, added -> {});
                }
                return session;
            });
            costs.get();
            additions.get();
        }
        try (Session opened = Session.open(session.directory())) {
            assertThat(count(opened, "step_work")).isEqualTo(steps.steps().size());
            assertThat(count(opened, "op_cost")).isPositive();
            assertThat(count(opened, "slice WHERE name = 'added'")).isEqualTo(2);
            assertThat(count(opened, "source")).isEqualTo(4);
        }
    }

    private static long count(Session session, String rows) {
        return session.query("SELECT count(*) AS n FROM " + rows)
                .integer(0, "n")
                .orElse(-1);
    }
}
