package dev.hourglass.core.read.session;

import dev.hourglass.core.read.Readers;
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
import dev.hourglass.core.trace.TraceFormatException;
import dev.hourglass.core.trace.TraceReader;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

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
    private static final String MOE_SUMMARY = "moe_summary.json";
    private static final String KV_SUMMARY = "kv_cache_summary.txt";
    /// Directories in each other in which tables of experts are looked for.
    private static final int MOST_LEVELS = 3;

    /// Fills a row of a table from a row of a file.
    @FunctionalInterface
    private interface Mapping {
        void map(CsvTable from, RowWriter to);
    }

    /// One file.
    ///
    /// @param needed columns without which it is not what its name says
    private record File(String name, Table table, Mapping mapping, List<String> needed) {
        /// Why the file of that name in a directory is none; empty where it is one.
        String why(Source directory) {
            try {
                List<String> header = CsvTable.header(directory.resolve(name).head());
                return header.stream().map(String::strip).toList().containsAll(needed)
                        ? ""
                        : "has not the columns " + String.join(",", needed);
            } catch (IOException | TraceFormatException e) {
                return "is not readable";
            }
        }
    }

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
    private static final List<File> TABLES = Stream.concat(
                    Stream.of(GRAPH_CAPTURES, GRAPH_TIMELINE, GRAPH_SUMS), ENGINE.stream())
            .toList();
    private static final List<String> SUMMARIES = List.of(
            KV_SUMMARY,
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
    public Claim claim(Source directory) {
        Set<String> entries = new HashSet<>();
        Map<String, String> others = new HashMap<>();
        tables(directory, "", TABLES, entries, others);
        experts(directory).forEach((path, there) -> tables(there, path, EXPERTS, entries, others));
        boolean ours = entries.stream()
                .map(entry -> entry.substring(entry.lastIndexOf('/') + 1))
                .anyMatch(TELLING::contains);
        if (!ours) {
            return new Claim(Set.of(), others);
        }
        summaries(directory, "", SUMMARIES, entries);
        experts(directory).forEach((path, there) -> summaries(there, path, List.of(MOE_SUMMARY), entries));
        return new Claim(entries, others);
    }

    private static void tables(
            Source directory, String path, List<File> files, Set<String> entries, Map<String, String> others) {
        for (File file : files) {
            if (directory.head().entries().contains(file.name())) {
                String why = file.why(directory);
                if (why.isEmpty()) {
                    entries.add(path + file.name());
                } else {
                    others.put(path + file.name(), why);
                }
            }
        }
    }

    /// Facts may be called as anything is; what is a trace is none of them.
    private static void summaries(Source directory, String path, List<String> names, Set<String> entries) {
        for (String name : names) {
            try {
                if (directory.head().entries().contains(name)
                        && !Readers.isKnown(directory.resolve(name).head())) {
                    entries.add(path + name);
                }
            } catch (IOException | TraceFormatException e) {
                // Stays to be named as unreadable by whoever looks at what nobody claims.
            }
        }
    }

    /// Where tables of experts lie, by the path in front of their names: at the top, or in one or two directories of
    /// the same name.
    private static Map<String, Source> experts(Source directory) {
        Map<String, Source> found = new LinkedHashMap<>();
        String path = "";
        Source here = directory;
        found.put(path, here);
        try {
            while (found.size() < MOST_LEVELS && here.head().entries().contains(MOE)) {
                here = here.resolve(MOE);
                path += MOE + "/";
                found.put(path, here);
            }
        } catch (IOException | TraceFormatException e) {
            // What lies deeper is not reached by anybody.
        }
        return found;
    }

    @Override
    public void read(Source source, BatchSink sink, ImportContext context) throws IOException {
        context.clock(SourceClock.unaligned());
        new Directory(source, claim(source).entries(), sink, context).read();
    }

    /// One directory in reading.
    private record Directory(Source source, Set<String> claimed, BatchSink sink, ImportContext context) {

        void read() throws IOException {
            graphs();
            for (File file : ENGINE) {
                rows(source, "", file);
            }
            for (Map.Entry<String, Source> directory : experts(source).entrySet()) {
                for (File file : EXPERTS) {
                    rows(directory.getValue(), directory.getKey(), file);
                }
                facts(directory.getValue(), directory.getKey(), MOE_SUMMARY);
            }
            for (String summary : SUMMARIES) {
                if (!summary.equals(KV_SUMMARY)) {
                    facts(source, "", summary);
                }
            }
            if (claimed.contains(KV_SUMMARY)) {
                kvSummary();
            }
        }

        /// A timeline of replays makes the sums of the same replays superfluous.
        private void graphs() throws IOException {
            rows(source, "", GRAPH_CAPTURES);
            if (rows(source, "", GRAPH_TIMELINE)) {
                context.stats()
                        .count(
                                "sums_left_out",
                                Severity.INFO,
                                "cuda_graph_usage.csv sums what cuda_graph_timeline.csv lists");
            } else {
                rows(source, "", GRAPH_SUMS);
            }
        }

        private void kvSummary() throws IOException {
            try (TextInput input = new TextInput(source.resolve(KV_SUMMARY), context);
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

        private void facts(Source directory, String path, String file) throws IOException {
            if (claimed.contains(path + file)) {
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
        private boolean rows(Source directory, String path, File file) throws IOException {
            if (!claimed.contains(path + file.name())) {
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
