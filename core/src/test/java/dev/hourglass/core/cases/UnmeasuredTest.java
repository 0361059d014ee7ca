package dev.hourglass.core.cases;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.analysis.Outcome;
import dev.hourglass.core.document.Block;
import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.report.AnalysisTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// An answer without rows says "none" only of what was measured.
final class UnmeasuredTest {
    @TempDir
    private Path folder;

    /// Six steps of 100 ms from 2023-11-14 22:13:20 UTC on.
    private Path trace() throws IOException {
        StringBuilder events = new StringBuilder();
        for (int i = 0; i < 6; i++) {
            int ts = i * 100_000;
            events.append(i == 0 ? "" : ",").append(String.format("""
                    {"ph":"X","cat":"user_annotation","name":"decode_%1$d","pid":9,"tid":9,"ts":%2$d,"dur":99000},
                    {"ph":"X","cat":"cuda_runtime","name":"cudaLaunchKernel","pid":9,"tid":9,"ts":%3$d,"dur":5,"args":{"correlation":%4$d}},
                    {"ph":"X","cat":"kernel","name":"k","pid":0,"tid":7,"ts":%5$d,"dur":98000,"args":{"device":0,"stream":7,"correlation":%4$d}}""", i, ts, ts + 10, i + 1, ts + 20));
        }
        return Files.writeString(
                folder.resolve("trace.json"),
                "{\"baseTimeNanoseconds\":1700000000000000000,\"traceEvents\":[" + events + "]}");
    }

    private Path samples(String header, String row) throws IOException {
        StringBuilder text = new StringBuilder(header + "\n");
        for (int i = 0; i < 12; i++) {
            text.append(row.replace("MS", String.format("%03d", i * 50))).append("\n");
        }
        return Files.writeString(folder.resolve("gpu.csv"), text);
    }

    private Outcome throttle(TraceImport.Options options, Path samples) throws IOException {
        try (Case read = Case.of(List.of(trace(), samples), options)) {
            return read.outcome("bound/throttle");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "2023/11/15 00:13:20.MS, 2.0 h after, --time-zone",
        "2023/11/14 16:43:20.MS, 5.5 h before, --offset",
    })
    void samplesOfAnotherZoneMeasureNothing(String time, String apart, String remedy) throws IOException {
        Path samples = samples("timestamp, index, clocks.sm [MHz]", time + ", 0, 1980 MHz");
        assertThat(throttle(TraceImport.Options.DEFAULT, samples))
                .isInstanceOfSatisfying(Outcome.NotApplicable.class, absent -> {
                    assertThat(absent.because()).contains(apart);
                    assertThat(absent.howToRecord()).contains(remedy);
                    assertThat(AnalysisTable.of(absent))
                            .singleElement()
                            .satisfies(block -> assertThat(((Block.Note) block).text())
                                    .startsWith("Not measured, because the samples of the GPU lie "));
                });
    }

    @Test
    void theZoneLaysThemOnTheRecording() throws IOException {
        Path samples = samples("timestamp, index, clocks.sm [MHz]", "2023/11/15 00:13:20.MS, 0, 1980 MHz");
        TraceImport.Options zone =
                new TraceImport.Options(Optional.empty(), Map.of(), false, Optional.of(ZoneId.of("Europe/Berlin")));
        TraceImport.Options offset =
                new TraceImport.Options(Optional.empty(), Map.of("gpu.csv", -7_200_000_000_000L), false);
        // In November Berlin is one hour from UTC: the samples were taken two hours from it.
        assertThat(throttle(zone, samples)).isInstanceOf(Outcome.NotApplicable.class);
        assertThat(throttle(
                        new TraceImport.Options(Optional.empty(), Map.of(), false, Optional.of(ZoneId.of("+02:00"))),
                        samples))
                .isInstanceOf(Outcome.Clean.class);
        assertThat(throttle(offset, samples)).isInstanceOf(Outcome.Clean.class);
    }

    @Test
    void samplesWithoutAClockOrATimeMeasureNothing() throws IOException {
        assertThat(throttle(
                        TraceImport.Options.DEFAULT,
                        samples("timestamp, index, power.draw [W]", "2023/11/14 22:13:20.MS, 0, 300 W")))
                .isInstanceOfSatisfying(
                        Outcome.NotApplicable.class,
                        absent -> assertThat(absent.because()).contains("no clock"));
        assertThat(throttle(TraceImport.Options.DEFAULT, samples("index, clocks.sm [MHz]", "0, 1980 MHz")))
                .isInstanceOfSatisfying(
                        Outcome.NotApplicable.class,
                        absent -> assertThat(absent.because()).contains("no times"));
    }
}
