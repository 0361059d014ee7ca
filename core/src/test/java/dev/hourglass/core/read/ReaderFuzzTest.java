package dev.hourglass.core.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.hourglass.core.read.text.CublasLogReader;
import dev.hourglass.core.read.text.CublasLtLogReader;
import dev.hourglass.core.read.text.NcuCsvReader;
import dev.hourglass.core.read.text.NvidiaSmiDmonReader;
import dev.hourglass.core.read.text.NvidiaSmiReader;
import dev.hourglass.core.read.text.NvmlCsvReader;
import dev.hourglass.core.read.text.PerfScriptReader;
import dev.hourglass.core.read.text.PerfStatReader;
import dev.hourglass.core.read.text.PrometheusReader;
import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.TraceFormatException;
import dev.hourglass.core.trace.TraceReader;
import dev.hourglass.core.trace.TraceTables;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Damages the fixtures of every reader of text: cut, flipped, shuffled, filled with hostile bytes.
/// A reader neither fails nor hangs, and what is missing is counted.
final class ReaderFuzzTest {
    record Fixture(TraceReader reader, Table table, String resource) {
        byte[] bytes() {
            return Imported.resource(resource);
        }

        @Override
        public String toString() {
            return resource;
        }
    }

    static Stream<Fixture> fixtures() {
        return Stream.of(
                new Fixture(new CublasLogReader(), TraceTables.GEMM, "/golden/cublas/cublas.log"),
                new Fixture(new CublasLtLogReader(), TraceTables.GEMM, "/golden/cublaslt/cublaslt.log"),
                new Fixture(new NcuCsvReader(), TraceTables.NCU_METRIC, "/golden/ncu-raw/ncu_raw.csv"),
                new Fixture(new NcuCsvReader(), TraceTables.NCU_METRIC, "/golden/ncu-details/ncu_details.csv"),
                new Fixture(new NvmlCsvReader(), TraceTables.HW_SAMPLE, "/golden/nvml/nvml_gpm.csv"),
                new Fixture(new NvidiaSmiReader(), TraceTables.HW_SAMPLE, "/golden/nvidia-smi-query/nvidia_smi.csv"),
                new Fixture(
                        new NvidiaSmiDmonReader(),
                        TraceTables.HW_SAMPLE,
                        "/golden/nvidia-smi-dmon/nvidia_smi_dmon.txt"),
                new Fixture(new PerfStatReader(), TraceTables.PERF_STAT, "/golden/perf-stat-x/perf_stat.csv"),
                new Fixture(new PerfStatReader(), TraceTables.PERF_STAT, "/golden/perf-stat-j/perf_stat.json"),
                new Fixture(new PerfScriptReader(), TraceTables.CPU_SAMPLE, "/golden/perf-script/perf_script.txt"),
                new Fixture(new PrometheusReader(), TraceTables.METRIC, "/golden/prometheus-vllm/vllm.prom"));
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void isFoundByItsBeginning(Fixture fixture) {
        Optional<TraceReader> found = Readers.find(Imported.head(fixture.resource, fixture.bytes()));

        assertThat(found).hasValueSatisfying(reader -> assertThat(reader).hasSameClassAs(fixture.reader));
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void yieldsWhatStandsBeforeACut(Fixture fixture) {
        byte[] whole = fixture.bytes();
        List<?> rows = Imported.of(fixture.reader, "whole", whole).rows(fixture.table);
        int step = Math.max(1, whole.length / 400);
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            for (int cut = 0; cut < whole.length; cut += step) {
                Optional<Imported> read = read(fixture.reader, Arrays.copyOf(whole, cut));
                if (read.isPresent()) {
                    checkCut(read.get(), fixture, rows, whole, cut);
                }
            }
        });
    }

    private static void checkCut(Imported cut, Fixture fixture, List<?> rows, byte[] whole, int at) {
        List<?> some = cut.rows(fixture.table);
        assertThat(some.size()).as("rows at " + at).isLessThanOrEqualTo(rows.size());
        int sure = Math.max(0, some.size() - 1);
        if (!fixture.resource.contains("/ncu")) {
            assertThat(rows.subList(0, sure).equals(some.subList(0, sure)))
                    .as("same rows before the cut at " + at)
                    .isTrue();
        }
        boolean insideLine = at > 0
                && whole[at - 1] != '\n'
                && !lineOf(whole, at).isBlank()
                && !lineOf(whole, at).startsWith("#");
        if (insideLine && some.size() < rows.size()) {
            assertThat(cut.context().stats().losses().stream().map(ImportStats.Loss::severity))
                    .as(fixture + ": a count for the cut at " + at + ": " + cut.losses())
                    .anyMatch(severity -> severity == Severity.DATA_LOSS || severity == Severity.NOTICE);
        }
    }

    private static String lineOf(byte[] whole, int at) {
        int from = at;
        while (from > 0 && whole[from - 1] != '\n') {
            from--;
        }
        return new String(whole, from, at - from, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void survivesFlippedBytes(Fixture fixture) {
        byte[] whole = fixture.bytes();
        Random random = new Random(7);
        int rows =
                Imported.of(fixture.reader, "whole", whole).rows(fixture.table).size();
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            for (int i = 0; i < 150; i++) {
                byte[] damaged = whole.clone();
                for (int f = random.nextInt(1, 4); f > 0; f--) {
                    damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
                }
                Optional<Imported> read = read(fixture.reader, damaged);
                if (read.isPresent() && read.get().rows(fixture.table).size() < rows) {
                    assertThat(read.get().losses()).as(fixture + " flip " + i).isNotEmpty();
                }
            }
        });
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void survivesShuffledLinesAndHostileText(Fixture fixture) {
        List<String> lines = new ArrayList<>(
                new String(fixture.bytes(), StandardCharsets.UTF_8).lines().toList());
        Random random = new Random(11);
        List<String> hostile = List.of(
                "\u001b[2J\u001b]0;x\u0007",
                "<script>alert(1)</script>",
                "'; DROP TABLE slice; --",
                "\"".repeat(999),
                "[".repeat(9999),
                ",".repeat(9999),
                "\0\0\0",
                "9".repeat(500),
                "NaN",
                "{",
                "}");
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            for (int i = 0; i < 33; i++) {
                Collections.shuffle(lines, random);
                List<String> mixed = new ArrayList<>(lines);
                mixed.add(random.nextInt(mixed.size() + 1), hostile.get(i % hostile.size()));
                read(fixture.reader, String.join("\n", mixed).getBytes(StandardCharsets.UTF_8));
            }
        });
    }

    /// Empty where the reader refused the input as not of its format.
    private static Optional<Imported> read(TraceReader reader, byte[] bytes) {
        try {
            return Optional.of(Imported.of(reader, "damaged", bytes));
        } catch (TraceFormatException e) {
            assertThat(e).hasMessageContaining("damaged");
            return Optional.empty();
        }
    }
}
