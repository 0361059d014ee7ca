package dev.hourglass.core.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.Tables;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Import → export → import: what comes back is what was there.
final class RoundTripTest {
    /// What Chrome's JSON can carry, told without identifiers.
    private static final List<String> TIMELINE = List.of(
            "SELECT ts, dur, category, name, depth, correlation, external_id FROM slice ORDER BY ALL",
            "SELECT ts, dur, name, device, context, stream, correlation, external_id, grid_x, grid_y, block_x, registers FROM kernel ORDER BY ALL",
            "SELECT ts, dur, name, kind, src_kind, dst_kind, bytes, device, stream FROM memcpy ORDER BY ALL",
            "SELECT ts, dur, name, kind, correlation, ops, first_ts, last_end_ts FROM launch ORDER BY ALL",
            "SELECT s.ts, a.key, a.value_type, a.display_value FROM args a JOIN slice s ON s.id = a.arg_set_id ORDER BY ALL",
            "SELECT o.ts, o.name, i.ts, i.name, f.category FROM flow f JOIN slice o ON o.id = f.slice_out JOIN slice i ON i.id = f.slice_in ORDER BY ALL",
            "SELECT c.ts, c.value, t.name FROM counter c JOIN track t ON t.id = c.track_id ORDER BY ALL",
            "SELECT p.name, p.labels, h.tid, h.name FROM thread h JOIN process p USING (upid) ORDER BY ALL",
            "SELECT name, type, device, stream FROM track ORDER BY ALL",
            "SELECT name, value FROM metadata ORDER BY ALL",
            "SELECT rank FROM source");

    @TempDir
    private Path directory;

    @Test
    void chromeJsonComesBackAsItWas() throws IOException {
        Path original = Sessions.trace(directory);
        Path file = directory.resolve("again.json");
        Exporter.Summary summary = Exporter.export(original, ExportFormat.PERFETTO_JSON, file);
        Path again = Sessions.imported(directory, "again", file);

        assertThat(summary.written()).containsEntry("slice", 11L).containsEntry("counter", 2L);
        for (String sql : TIMELINE) {
            assertThat(Sessions.lines(again, sql))
                    .as(sql)
                    .isEqualTo(Sessions.lines(original, sql))
                    .isNotEmpty();
        }
        assertThat(Sessions.lines(again, "FROM import_stat WHERE severity IN ('data_loss', 'error')"))
                .isEmpty();
    }

    /// Times that count from nowhere in particular do so again.
    @Test
    void whatWasNotAlignedIsNotAlignedAgain() throws IOException {
        String trace = Sessions.TRACE.replace("\"baseTimeNanoseconds\": 1790857026000000000, ", "");
        Path original =
                Sessions.imported(directory, "original", Files.writeString(directory.resolve("relative.json"), trace));
        Path file = directory.resolve("again.json");
        Exporter.export(original, ExportFormat.PERFETTO_JSON, file);
        Path again = Sessions.imported(directory, "again", file);
        String clock = "SELECT time_base, offset_ns, align_method, residual_ns FROM source";
        assertThat(Sessions.lines(again, clock)).isEqualTo(Sessions.lines(original, clock));
        for (String sql : TIMELINE) {
            assertThat(Sessions.lines(again, sql)).as(sql).isEqualTo(Sessions.lines(original, sql));
        }
    }

    @Test
    void tablesComeBackRowByRow() throws IOException {
        Path original = Sessions.trace(directory);
        for (ExportFormat format : List.of(ExportFormat.CSV, ExportFormat.PARQUET)) {
            Path tables = directory.resolve(format.word());
            Exporter.export(original, format, tables);
            checkTables(original, Sessions.imported(directory, "from-" + format.word(), tables), format.word());
        }
        checkTables(original, Sessions.imported(directory, "from-session", original), "session");
    }

    @Test
    void tablesGoToPathsOfAnyNameAndComeBack() throws IOException {
        Path original = Sessions.trace(directory);
        Files.createDirectories(directory.resolve("run1/ts=1"));
        String kernels = "SELECT ts, dur, name FROM kernel ORDER BY ALL";
        for (ExportFormat format : List.of(ExportFormat.CSV, ExportFormat.PARQUET)) {
            Path tables = directory.resolve("run[12]*'/ts=1").resolve(format.word());
            Exporter.export(original, format, tables);
            Path again = Sessions.imported(directory, "s[1]*" + format.word(), tables);
            assertThat(Sessions.lines(again, kernels)).isEqualTo(Sessions.lines(original, kernels));
        }
    }

    /// Every row of every table; the import adds one source of its own, so numbers of sources are one
    /// further on.
    private static void checkTables(Path original, Path again, String how) {
        for (Table table : Tables.all()) {
            if (List.of("source", "schema_doc", "import_stat").contains(table.name())) {
                continue;
            }
            List<String> columns = table.columns().stream()
                    .map(column -> column.name().equals("source_id")
                            ? "source_id - (SELECT max(id) FROM source)"
                            : column.name())
                    .toList();
            String where = table.name().equals("metadata") ? " WHERE name NOT LIKE 'source.%'" : "";
            String sql = "SELECT " + String.join(", ", columns) + " FROM " + table.name() + where + " ORDER BY ALL";
            assertThat(Sessions.lines(again, sql)).as(how + ": " + sql).isEqualTo(Sessions.lines(original, sql));
        }
        assertThat(Sessions.lines(again, "SELECT name, value FROM metadata WHERE name LIKE 'source.2.%'"))
                .as(how)
                .isNotEmpty();
        assertThat(Sessions.lines(again, "SELECT rank FROM source WHERE id = 2"))
                .as(how)
                .containsExactly("[3]");
    }

    @Test
    void identifiersGoOnWhereTwoSessionsMeet() throws IOException {
        Path original = Sessions.trace(directory);
        Path twice = Sessions.imported(directory, "twice", original, directory.resolve("trace.json"));

        assertThat(Sessions.lines(twice, "SELECT count(*), count(DISTINCT id) FROM slice"))
                .containsExactly("[22, 22]");
        assertThat(
                        Sessions.lines(
                                twice,
                                "SELECT count(*) FROM kernel JOIN slice USING (id) WHERE kernel.ts = slice.ts AND kernel.name = slice.name"))
                .containsExactly("[8]");
        assertThat(
                        Sessions.lines(
                                twice,
                                "SELECT count(*), count(DISTINCT id) FROM track t WHERE EXISTS (FROM slice s WHERE s.track_id = t.id)"))
                .containsExactly("[10, 10]");
    }

    @Test
    void prometheusSnapshotsComeBack() throws IOException {
        Path text = Files.writeString(directory.resolve("a.prom"), """
                # scraped_at 1795303224.500000001
                # TYPE vllm:num_requests_running gauge
                vllm:num_requests_running{model_name="a \\"b\\"\\\\c\\nd"} 3
                # TYPE vllm:ttft_seconds histogram
                vllm:ttft_seconds_bucket{le="+Inf"} 12
                vllm:ttft_seconds_sum 0.1234
                odd 1e+300
                # scraped_at 1795303225.5
                vllm:num_requests_running{model_name="x"} NaN
                """);
        Path original = Sessions.imported(directory, "metrics", text);
        Path file = directory.resolve("b.prom");
        Exporter.export(original, ExportFormat.PROMETHEUS, file);
        Path again = Sessions.imported(directory, "metrics-again", file);
        String sql = "SELECT ts, snapshot, name, labels, type, engine, meaning, value FROM metric ORDER BY ALL";

        assertThat(Sessions.lines(again, sql))
                .isEqualTo(Sessions.lines(original, sql))
                .hasSize(5);
        assertThat(Files.readAllLines(file))
                .allMatch(line -> line.matches("# (TYPE|HELP|scraped_at) .*|[a-zA-Z_:][\\w:]*(\\{.*\\})? \\S+"));
    }

    @Test
    void leavesNothingBehindWhereItCannotWrite() throws IOException {
        Path original = Sessions.trace(directory);
        Path taken = Files.writeString(directory.resolve("taken"), "mine");

        assertThatThrownBy(() -> Exporter.export(original, ExportFormat.CSV, taken))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(
                        () -> Exporter.export(directory.resolve("none"), ExportFormat.PERFETTO, directory.resolve("x")))
                .hasMessageContaining("none");
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.startsWith("."));
        }
        assertThat(taken).hasContent("mine");
    }
}
