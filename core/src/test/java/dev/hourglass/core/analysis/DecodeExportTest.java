package dev.hourglass.core.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.export.ExportFormat;
import dev.hourglass.core.export.Exporter;
import dev.hourglass.core.query.Views;
import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.Tables;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A decode run in the formats of other tools: its steps and pieces, what was sampled beside them, and its facts.
final class DecodeExportTest {
    @TempDir
    private Path directory;

    /// Eight steps, half of them profiled, with six pieces in each of those.
    private Exporter.Summary exported(ExportFormat format, Path target) throws IOException {
        Path session = Files.createDirectory(directory.resolve("run"));
        PlantedRun.moe(session).close();
        try (TraceStore store = TraceStore.append(new SessionLayout(session).database())) {
            PlantedRun.row(
                    store,
                    Tables.CORE_SAMPLE,
                    Map.of("ts", 1_000L, "dur", 500L, "core", 3L, "busy_ratio", 0.25, "freq_mhz", 2_400.0));
            PlantedRun.row(
                    store,
                    Tables.PROCESS_SAMPLE,
                    Map.of("ts", 1_000L, "dur", 500L, "rss_bytes", 4_096L, "engine_cpu_ns", 750L));
        }
        return Exporter.export(session, format, target);
    }

    @Test
    void perfettoHasStepsPiecesSamplesAndFacts() throws IOException {
        Path file = directory.resolve("run.pftrace");
        assertThat(exported(ExportFormat.PERFETTO, file).written())
                .containsEntry("slice", 32L)
                .containsEntry("sample", 4L)
                .containsEntry("fact of the run", 6L);
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                .contains("ffn_moe_down", "CPU 3 busy", "engine resident memory", "engine.threads");
    }

    @Test
    void jsonHasStepsPiecesSamplesAndFacts() throws IOException {
        Path file = directory.resolve("run.json");
        assertThat(exported(ExportFormat.PERFETTO_JSON, file).written())
                .containsEntry("slice", 32L)
                .containsEntry("sample", 4L)
                .containsEntry("fact of the run", 6L);
        assertThat(Files.readString(file))
                .contains("\"name\": \"ffn_moe_down\"", "\"name\": \"engine on CPUs [CPUs]\"", "{\"value\": 1.5}")
                .contains("\"hourglass_run\": {\"engine.threads\": \"2\"");
    }

    /// Steps of 1000, 1010, 1020 and 1030 µs, 600 µs of experts in each.
    @Test
    void prometheusHasStepsPartsPiecesAndFacts() throws IOException {
        Path file = directory.resolve("run.prom");
        exported(ExportFormat.PROMETHEUS, file);
        assertThat(Files.readString(file))
                .contains("hourglass_steps_total{stage=\"decode\"} 4\n")
                .contains("hourglass_step_seconds_total{stage=\"decode\"} 0.00406\n")
                .contains("hourglass_step_part_seconds_total{stage=\"decode\",part=\"t_cpu_computation\"} 0.0024\n")
                .contains("hourglass_operation_calls_total{name=\"ffn_moe_down\"} 8\n")
                .contains("hourglass_run_info{name=\"engine.threads\",value=\"2\"} 1\n");
    }

    @ParameterizedTest
    @EnumSource(names = {"PERFETTO", "PERFETTO_JSON", "PROMETHEUS", "SPEEDSCOPE"})
    void whatWouldSayNothingIsRefused(ExportFormat format) throws IOException {
        Path session = Files.createDirectory(directory.resolve("empty"));
        try (TraceStore store = TraceStore.create(new SessionLayout(session).database(), BlockSize.SMALL)) {
            Views.create(store);
        }
        Path file = directory.resolve("nothing");
        assertThatThrownBy(() -> Exporter.export(session, format, file))
                .isInstanceOf(Exporter.NothingToExport.class)
                .hasMessageContaining("holds nothing that " + format.word() + " carries");
        assertThat(file).doesNotExist();
    }
}
