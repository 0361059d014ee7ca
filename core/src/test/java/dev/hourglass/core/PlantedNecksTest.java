package dev.hourglass.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.core.analysis.Bound;
import dev.hourglass.core.analysis.Explainer;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.analysis.Finding;
import dev.hourglass.core.analysis.StageTime;
import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.query.Session;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Recordings made on H100s by `benchmarks/planted-necks/record.py`, each with one neck planted on
/// purpose: the first finding must name it.
final class PlantedNecksTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "launch, LAUNCH",
        "moe_eager, LAUNCH",
        "compute, COMPUTE",
        "memory_weights, MEMORY",
        "memory_stream, MEMORY",
        "host_inside, HOST",
        "host_between, HOST",
        "transfer_pageable, TRANSFER",
        "transfer_pinned, TRANSFER",
        "transfer_serial, TRANSFER",
        "sync_item, SYNC",
        "sync_eager, SYNC",
        "imbalance_shapes, IMBALANCE",
        "imbalance_devices, IMBALANCE",
        "communication_rank0, COMMUNICATION",
        "communication_rank1, COMMUNICATION",
    })
    void theFirstFindingNamesTheNeck(String recording, Bound planted) throws IOException {
        Explanation explained = explain(recording + ".json.gz");
        Finding first = explained.findings().getFirst();
        assertThat(first.bound()).as(first.title()).isEqualTo(planted);
        assertThat(explained.overall()).isEqualTo(planted);
        assertThat(explained.tokenStage().orElseThrow().bound()).isEqualTo(planted);
    }

    @ParameterizedTest
    @CsvSource({"healthy, MEMORY", "copy_hidden, COMPUTE"})
    void aHealthyRunIsNotAccused(String recording, Bound bound) throws IOException {
        Explanation explained = explain(recording + ".json.gz");
        assertThat(explained.findings()).allMatch(f -> f.severity() == Finding.Severity.INFO);
        assertThat(explained.overall()).isEqualTo(bound);
    }

    @Test
    void ranksThatWaitForEachOtherAreUneven() throws IOException {
        Explanation explained = explain("imbalance_ranks_rank0.json.gz", "imbalance_ranks_rank1.json.gz");
        assertThat(explained.findings().getFirst().bound()).isEqualTo(Bound.IMBALANCE);
    }

    @Test
    void aClockHeldBackByPowerIsSeenInTheSamplesBeside() throws IOException {
        Explanation explained = explain("throttle.json.gz", "nvidia-smi.csv");
        assertThat(explained.findings().getFirst().bound()).isEqualTo(Bound.THROTTLE);
    }

    private Explanation explain(String... names) throws IOException {
        Path database = Files.createDirectories(folder.resolve(names[0])).resolve("session.duckdb");
        List<Path> inputs = Arrays.stream(names).map(PlantedNecksTest::file).toList();
        new TraceImport(TraceImport.Options.DEFAULT, bytes -> {}).into(inputs, database);
        try (Session session = Session.open(folder.resolve(names[0]))) {
            partsAddUpToTheWall(session);
            Explanation explained = Explainer.explain(session);
            for (Finding finding : explained.findings()) {
                assertThat(finding.evidenceSql()).matches("(?s)(WITH|SELECT)\\b.*");
                assertThat(session.query(finding.evidenceSql()).size()).isPositive();
            }
            for (StageTime stage : explained.stages()) {
                assertThat(stage.componentsUs().values().stream()
                                .mapToDouble(Double::doubleValue)
                                .sum())
                        .isCloseTo(stage.period().usualUs(), within(1e-3));
            }
            return explained;
        }
    }

    /// Idle and busy make up the wall on each GPU, to the nanosecond; no part is negative.
    private static void partsAddUpToTheWall(Session session) {
        assertThat(session.query("SELECT * FROM step_time WHERE wall <> compute + communication + copy + launch + sync"
                                + " + host + rest OR least(wall, busy, compute, communication, copy, launch, sync, host,"
                                + " rest) < 0 OR busy <> compute + communication + copy")
                        .rows())
                .isEmpty();
        assertThat(session.query(
                                "SELECT s.step FROM step_time s LEFT JOIN (SELECT step, device, source_id, sum(dur) AS idle"
                                        + " FROM gpu_gap GROUP BY ALL) g USING (step, device, source_id)"
                                        + " WHERE s.wall <> s.busy + coalesce(g.idle, 0)")
                        .rows())
                .isEmpty();
        assertThat(session.query(
                                "SELECT * FROM gpu_gap WHERE dur <> operator + call + flight + sync + host + queued + peer"
                                        + " + recorder + unknown OR least(operator, call, flight, sync, host, queued, peer,"
                                        + " recorder, unknown) < 0")
                        .rows())
                .isEmpty();
        assertThat(session.query("SELECT id FROM step_op GROUP BY id HAVING count(*) > 1")
                        .rows())
                .isEmpty();
        assertThat(session.query("SELECT count(*) AS n FROM device_op").rows())
                .isEqualTo(session.query("SELECT count(*) AS n FROM step_op").rows());
    }

    private static Path file(String name) {
        URL url = Objects.requireNonNull(PlantedNecksTest.class.getResource("planted/" + name), name);
        try {
            return Path.of(url.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
