package dev.hourglass.core.export;

import dev.hourglass.core.file.WholeFile;
import dev.hourglass.core.query.QueryFile;
import dev.hourglass.core.query.RowSink;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.text.CsvLines;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What was recorded of an engine, as the files that ProfileMate documents: the same names, columns and units. A file
/// that would be empty is not written, as there.
final class ProfileMateFiles {
    private static final QueryFile QUERIES =
            QueryFile.read(Objects.requireNonNull(ProfileMateFiles.class.getResourceAsStream("profilemate.sql")));
    private static final String EXPERTS = "moe_expert_tracking";
    private static final List<String> TABLES = List.of(
            "cuda_graph_captures",
            "cuda_graph_usage",
            "cuda_graph_timeline",
            "kv_cache_usage",
            "kv_cache_evictions",
            EXPERTS + "/moe_expert_activations",
            EXPERTS + "/moe_expert_coselection",
            EXPERTS + "/moe_routing_weights_hist",
            EXPERTS + "/moe_load_imbalance",
            "forward_pass_timing",
            "cpu_operations_timing",
            "batch_utilization",
            "preemption_events",
            "request_lifecycle",
            "encoder_decoder_timing");
    private static final List<String> SUMMARIES = List.of(
            "forward_pass_summary.json",
            "cpu_timing_summary.json",
            "batch_utilization_summary.json",
            "preemption_summary.json",
            "encoder_decoder_summary.json",
            EXPERTS + "/moe_summary.json");

    private ProfileMateFiles() {}

    /// @param directory an empty one
    /// @return rows by the name of their file
    static Map<String, Long> write(Session session, Path directory) throws IOException {
        long origin = session.query(QUERIES.text("origin")).integer(0, "ts").orElse(0);
        Map<String, String> places = Map.of("origin", Long.toString(origin));
        Map<String, Long> written = new LinkedHashMap<>();
        for (String name : TABLES) {
            Path file = directory.resolve(name + ".csv");
            long rows = table(session, QUERIES.text(name, places), file);
            if (rows > 0) {
                written.put(name + ".csv", rows);
            } else {
                Files.deleteIfExists(file);
            }
        }
        for (String name : SUMMARIES) {
            Rows summary = session.query(QUERIES.text(name, places));
            if (summary.size() > 0) {
                WholeFile.write(directory.resolve(name), summary.text(0, "text", "{}") + "\n");
                written.put(name, 1L);
            }
        }
        return written;
    }

    private static long table(Session session, String query, Path file) throws IOException {
        Files.createDirectories(file.resolveSibling(""));
        long[] rows = {0};
        try (PrintStream out = new PrintStream(Files.newOutputStream(file), false, StandardCharsets.UTF_8)) {
            CsvLines lines = new CsvLines(out, String::valueOf, CsvLines.Formulas.DISARMED);
            session.query(query, new RowSink() {
                @Override
                public void columns(List<String> names, List<String> types) {
                    lines.line(names.toArray());
                }

                @Override
                public void row(@Nullable Object[] values) {
                    lines.line(values);
                    rows[0]++;
                }
            });
            lines.flush();
            if (out.checkError()) {
                throw new IOException("cannot write " + file);
            }
        }
        return rows[0];
    }
}
