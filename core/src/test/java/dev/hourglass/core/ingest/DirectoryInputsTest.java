package dev.hourglass.core.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.trace.TraceFormatException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What of a directory is read, and what is said of the rest.
final class DirectoryInputsTest {
    private static final String TRACE =
            "[{\"ph\": \"X\", \"name\": \"a\", \"pid\": 1, \"tid\": 1, \"ts\": 1, \"dur\": 2}]";
    private static final String PERF_STAT = "1.26,msec,task-clock,1255063,100.00,0.011,CPUs utilized\n";
    private static final String KV_USAGE = "timestamp_sec,usage_pct,num_blocks,total_blocks\n1.5,25.00,10,40\n";

    @TempDir
    private Path directory;

    private int sessions;

    private Path file(String name, String content) throws IOException {
        Path file = directory.resolve("in").resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    private TraceImport.Summary read() throws IOException {
        return into(directory.resolve("in"), "session" + sessions++);
    }

    private TraceImport.Summary into(Path input, String name) throws IOException {
        Path session = Files.createDirectory(directory.resolve(name));
        return new TraceImport(TraceImport.Options.DEFAULT, bytes -> {})
                .into(List.of(input), new SessionLayout(session).database());
    }

    private static List<String> formats(TraceImport.Summary summary) {
        return summary.sources().stream().map(TraceImport.ReadSource::format).toList();
    }

    private static List<String> losses(TraceImport.Summary summary) {
        return summary.losses().stream()
                .filter(loss -> loss.what().severity().ordinal() > 0)
                .map(loss -> Path.of(loss.source()).getFileName() + " "
                        + loss.what().kind() + " " + loss.what().severity().word())
                .sorted()
                .toList();
    }

    @Test
    void filesCalledAsTablesAreReadAsWhatTheyAre() throws IOException {
        file("perf_stat.csv", PERF_STAT);
        assertThat(formats(read())).containsExactly("perf-stat");

        file("kernel.csv", "Kernel Name,Time (%),Total Time (ns)\nk,1.0,5\n");
        file("notes.txt", "dear diary");
        TraceImport.Summary summary = read();
        assertThat(formats(summary)).containsExactly("perf-stat");
        assertThat(losses(summary))
                .containsExactly("kernel.csv unknown_format data_loss", "notes.txt unknown_format notice");
    }

    @Test
    void nothingButFilesOfAnotherIsRefusedWithTheReason() throws IOException {
        file("kernel.csv", "Kernel Name,Time (%),Total Time (ns)\nk,1.0,5\n");
        assertThatThrownBy(this::read)
                .isInstanceOf(TraceFormatException.class)
                .hasMessageContaining("has not the columns of the table kernel");
    }

    @Test
    void tracesBesideAnExportAreReadToo() throws IOException {
        file("slice.csv", "id,ts,dur,track_id,name,category\n5,10,1,1,n,c\n");
        file("metadata.csv", "name,value\na,b\n");
        file("trace.json", TRACE);
        file("perf_stat.csv", PERF_STAT);
        TraceImport.Summary summary = read();

        assertThat(formats(summary)).containsExactlyInAnyOrder("hourglass", "chrome-json", "perf-stat");
        assertThat(losses(summary)).containsExactly("in unaligned notice", "trace.json unaligned notice");
    }

    @Test
    void tracesInASessionAreReadTooAndItsOwnFilesOnce() throws IOException {
        Path trace = Files.writeString(directory.resolve("t.json"), TRACE);
        into(trace, "in");
        file("report.html", "<html>");
        file("raw/1-t.json", TRACE);
        file("csv/cpu.csv", "ts,core\n");
        file("later/trace.json", TRACE);
        file("perf_stat.csv", PERF_STAT);
        TraceImport.Summary summary = read();

        assertThat(formats(summary)).containsExactlyInAnyOrder("hourglass", "chrome-json", "perf-stat");
        assertThat(summary.sources())
                .extracting(source -> source.path().getFileName().toString())
                .containsExactlyInAnyOrder("in", "trace.json", "perf_stat.csv");
    }

    @Test
    void tracesBesideTablesOfProfileMateAreReadToo() throws IOException {
        file("kv_cache_usage.csv", KV_USAGE);
        file("iterations.csv", "n,residual\n1,0.5\n");
        file(
                "moe_expert_tracking/moe_load_imbalance.csv",
                "layer_idx,timestamp_sec,std_dev,max_min_ratio\n0,1.5,2,4\n");
        file("moe_expert_tracking/trace.json", TRACE);
        file("summary.json", TRACE);
        TraceImport.Summary summary = read();

        assertThat(formats(summary)).containsExactlyInAnyOrder("profilemate", "chrome-json", "chrome-json");
        assertThat(summary.events()).containsEntry("expert_load", 1L).containsEntry("kv_usage", 1L);
        assertThat(losses(summary)).contains("iterations.csv unknown_format data_loss");
    }

    /// Nobody may ever write to it, so whoever opens it may wait for ever.
    @Test
    @Timeout(60)
    void pipesAreNamedAndNeverOpened() throws Exception {
        file("kv_cache_usage.csv", KV_USAGE);
        file("trace.json", TRACE);
        for (String name : List.of("batch_utilization.csv", "slice.csv", "kernel.parquet", "summary.json", "x.json")) {
            pipe(directory.resolve("in").resolve(name));
        }
        Files.createSymbolicLink(directory.resolve("in/hw_sample.csv"), Path.of("/dev/zero"));
        TraceImport.Summary summary = read();

        assertThat(formats(summary)).containsExactlyInAnyOrder("profilemate", "chrome-json");
        assertThat(losses(summary))
                .contains(
                        "batch_utilization.csv unreadable error",
                        "hw_sample.csv unreadable error",
                        "kernel.parquet unreadable error",
                        "slice.csv unreadable error",
                        "summary.json unreadable error",
                        "x.json unreadable error");
        pipe(directory.resolve("in/session.duckdb"));
        assertThat(losses(read())).contains("session.duckdb unreadable error");
    }

    private static void pipe(Path path) throws IOException, InterruptedException {
        Process made = new ProcessBuilder("mkfifo", path.toString()).start();
        assumeTrue(made.waitFor(10, TimeUnit.SECONDS) && made.exitValue() == 0, "no pipes here");
    }

    private static byte[] packed(String content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    /// An archive of several members states the size and the check sum of the last alone.
    @Test
    void anArchiveBesideItsLastPartIsReadToo() throws IOException {
        file("part.csv", PERF_STAT);
        ByteArrayOutputStream members = new ByteArrayOutputStream();
        members.write(packed(PERF_STAT.replace("1.26", "9.75")));
        members.write(packed(PERF_STAT));
        Files.write(directory.resolve("in/all.csv.gz"), members.toByteArray());
        assertThat(read().events()).containsEntry("perf_stat", 3L);

        file("all.csv", PERF_STAT.replace("1.26", "9.75") + PERF_STAT);
        TraceImport.Summary again = read();
        assertThat(again.events()).containsEntry("perf_stat", 3L);
        assertThat(again.losses())
                .anySatisfy(loss -> assertThat(
                                loss.what().kind() + " " + loss.what().place())
                        .startsWith("met_twice holds the same as ")
                        .endsWith("all.csv"));
    }
}
