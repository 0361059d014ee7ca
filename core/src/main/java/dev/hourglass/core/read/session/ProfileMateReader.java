package dev.hourglass.core.read.session;

import dev.hourglass.core.read.TextInput;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.EngineTables;
import dev.hourglass.core.trace.Head;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Source;
import dev.hourglass.core.trace.SourceClock;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.core.trace.TraceReader;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Session directory of ProfileMate: CSV files and summaries about one process of vLLM, and the tables
/// of its log parser.
///
/// Times count from the start of the process, which no file states, so the source stays on its own
/// time. A file that is not there was not recorded.
public final class ProfileMateReader implements TraceReader {
    /// Names that tell the directory; others of its files have names that anything may have.
    private static final Set<String> TELLING = Set.of(
            "cuda_graph_captures.csv",
            "cuda_graph_usage.csv",
            "cuda_graph_timeline.csv",
            "kv_cache_usage.csv",
            "kv_cache_evictions.csv",
            "kv_cache_summary.txt",
            "moe_expert_activations.csv",
            "moe_expert_coselection.csv",
            "forward_pass_timing.csv",
            "cpu_operations_timing.csv",
            "batch_utilization.csv",
            "preemption_events.csv",
            "encoder_decoder_timing.csv",
            "iterations.csv");
    private static final String MOE = "moe_expert_tracking";

    /// Fills a row of a table from a row of a file.
    @FunctionalInterface
    private interface Mapping {
        void map(CsvTable from, RowWriter to);
    }

    /// One file.
    ///
    /// @param needed columns without which it is not what its name says
    private record File(String name, Table table, Mapping mapping, List<String> needed) {}

    private static File file(String name, Table table, Mapping mapping, String... needed) {
        return new File(name, table, mapping, List.of(needed));
    }

    private static final File GRAPH_CAPTURES = file(
            "cuda_graph_captures.csv",
            EngineTables.CUDA_GRAPH_CAPTURE,
            ProfileMateRows::capture,
            "runtime_mode",
            "num_tokens");
    private static final File GRAPH_TIMELINE = file(
            "cuda_graph_timeline.csv",
            EngineTables.CUDA_GRAPH_REPLAY,
            ProfileMateRows::replay,
            "timestamp_sec",
            "descriptor");
    private static final File GRAPH_SUMS = file(
            "cuda_graph_usage.csv",
            EngineTables.CUDA_GRAPH_REPLAY,
            ProfileMateRows::replays,
            "runtime_mode",
            "replay_count");
    private static final List<File> ENGINE = List.of(
            file("kv_cache_usage.csv", EngineTables.KV_USAGE, ProfileMateRows::kvUsage, "timestamp_sec", "usage_pct"),
            file("kv_cache_evictions.csv", EngineTables.KV_EVICTION, ProfileMateRows::kvEviction, "timestamp_sec"),
            file("forward_pass_timing.csv", EngineTables.STEP, ProfileMateRows::forward, "timestamp_sec", "phase"),
            file(
                    "cpu_operations_timing.csv",
                    EngineTables.HOST_OPERATION,
                    ProfileMateRows::operation,
                    "timestamp_sec",
                    "operation",
                    "duration_ms"),
            file("batch_utilization.csv", EngineTables.BATCH, ProfileMateRows::batch, "timestamp_sec", "num_seqs"),
            file(
                    "preemption_events.csv",
                    EngineTables.PREEMPTION,
                    ProfileMateRows::preemption,
                    "timestamp_sec",
                    "request_id",
                    "event"),
            file(
                    "request_lifecycle.csv",
                    EngineTables.REQUEST,
                    ProfileMateRows::lifecycle,
                    "request_id",
                    "started_sec"),
            file(
                    "encoder_decoder_timing.csv",
                    EngineTables.ENCODER_DECODER,
                    ProfileMateRows::encoder,
                    "timestamp_sec",
                    "component",
                    "duration_ms"),
            file("iterations.csv", EngineTables.STEP, ProfileMateRows::iteration, "iteration", "elapsed_time_ms"),
            file("requests.csv", EngineTables.REQUEST, ProfileMateRows::loggedRequest, "request_id", "total_time_ms"));
    private static final List<File> EXPERTS = List.of(
            file(
                    "moe_expert_activations.csv",
                    EngineTables.EXPERT_COUNT,
                    ProfileMateRows::activations,
                    "layer_idx",
                    "expert_id",
                    "activation_count"),
            file(
                    "moe_expert_coselection.csv",
                    EngineTables.EXPERT_COUNT,
                    ProfileMateRows::pairs,
                    "layer_idx",
                    "expert_id_1",
                    "expert_id_2"),
            file(
                    "moe_load_imbalance.csv",
                    EngineTables.EXPERT_LOAD,
                    ProfileMateRows::load,
                    "layer_idx",
                    "timestamp_sec"),
            file(
                    "moe_routing_weights_hist.csv",
                    EngineTables.EXPERT_WEIGHT,
                    ProfileMateRows::weight,
                    "layer_idx",
                    "expert_id",
                    "weight"));
    private static final List<String> SUMMARIES = List.of(
            "metadata.json",
            "forward_pass_summary.json",
            "summary.json",
            "cpu_timing_summary.json",
            "batch_utilization_summary.json",
            "preemption_summary.json",
            "encoder_decoder_summary.json");

    /// Found by `ServiceLoader`.
    public ProfileMateReader() {}

    @Override
    public String format() {
        return "profilemate";
    }

    @Override
    public Match match(Head head) {
        return head.entries().stream().anyMatch(TELLING::contains)
                        || head.entries().contains(MOE)
                ? Match.YES
                : Match.NO;
    }

    @Override
    public void read(Source source, BatchSink sink, ImportContext context) throws IOException {
        context.clock(SourceClock.unaligned());
        new Directory(source, sink, context).read();
    }

    /// One directory in reading.
    private record Directory(Source source, BatchSink sink, ImportContext context) {

        void read() throws IOException {
            graphs();
            for (File file : ENGINE) {
                rows(source, file);
            }
            experts();
            for (String summary : SUMMARIES) {
                facts(source, summary);
            }
            kvSummary();
        }

        /// A timeline of replays makes the sums of the same replays superfluous.
        private void graphs() throws IOException {
            rows(source, GRAPH_CAPTURES);
            if (rows(source, GRAPH_TIMELINE)) {
                context.stats()
                        .count(
                                "sums_left_out",
                                Severity.INFO,
                                "cuda_graph_usage.csv sums what cuda_graph_timeline.csv lists");
            } else {
                rows(source, GRAPH_SUMS);
            }
        }

        /// At the top, or in one or two directories of the same name.
        private void experts() throws IOException {
            Optional<Source> directory = Optional.of(source);
            while (directory.isPresent()) {
                Source here = directory.get();
                for (File file : EXPERTS) {
                    rows(here, file);
                }
                facts(here, "moe_summary.json");
                directory = here.head().entries().contains(MOE) ? Optional.of(here.resolve(MOE)) : Optional.empty();
            }
        }

        private void kvSummary() throws IOException {
            if (!source.head().entries().contains("kv_cache_summary.txt")) {
                return;
            }
            try (TextInput input = new TextInput(source.resolve("kv_cache_summary.txt"), context);
                    RowWriter row = new RowWriter(Tables.METADATA, sink)) {
                for (String line = input.next(); line != null; line = input.next()) {
                    int colon = line.indexOf(": ");
                    if (colon > 0) {
                        String name = line.substring(0, colon)
                                .strip()
                                .toLowerCase(Locale.ROOT)
                                .replace(' ', '_');
                        row.set("name", "source." + context.sourceId() + ".kv_cache_summary." + name)
                                .set("value", line.substring(colon + 2).strip())
                                .end();
                    }
                }
            }
        }

        private void facts(Source directory, String file) throws IOException {
            if (directory.head().entries().contains(file)) {
                try (RowWriter row = new RowWriter(Tables.METADATA, sink)) {
                    JsonFacts.read(
                            directory.resolve(file),
                            context,
                            "source." + context.sourceId() + "." + file.replace(".json", "") + ".",
                            row);
                }
            }
        }

        /// @return whether there is such a file
        private boolean rows(Source directory, File file) throws IOException {
            if (!directory.head().entries().contains(file.name())) {
                return false;
            }
            try (RowWriter row = new RowWriter(file.table(), sink)) {
                long rows = CsvTable.each(directory.resolve(file.name()), context, file.needed(), from -> {
                    file.mapping().map(from, row);
                    row.set("source_id", context.sourceId()).end();
                });
                context.stats().read(file.table().name(), rows);
            }
            return true;
        }
    }
}
