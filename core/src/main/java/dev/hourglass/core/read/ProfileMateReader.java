package dev.hourglass.core.read;

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
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Session directory of ProfileMate: CSV files and summaries about one process of vLLM, and the tables
/// of its log parser.
///
/// Times count from the start of the process, which no file states, so the source stays on its own
/// time. A file that is not there was not recorded.
public final class ProfileMateReader implements TraceReader {
    private static final Set<String> FILES = Set.of(
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
    private static final Pattern DESCRIPTOR = Pattern.compile(
            "(?:(?:CUDAGraphMode\\.)?(\\w+):)?BatchDescriptor\\(num_tokens=(\\d+), num_reqs=(\\w+), uniform=(\\w+), has_lora=(\\w+).*");
    private static final Pattern BLOCKS = Pattern.compile("num_blocks=(\\d+)");

    /// Found by `ServiceLoader`.
    public ProfileMateReader() {}

    @Override
    public String format() {
        return "profilemate";
    }

    @Override
    public Match match(Head head) {
        return head.entries().stream().anyMatch(FILES::contains)
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
    private static final class Directory {
        private final Source source;
        private final BatchSink sink;
        private final ImportContext context;
        private long step;

        Directory(Source source, BatchSink sink, ImportContext context) {
            this.source = source;
            this.sink = sink;
            this.context = context;
        }

        void read() throws IOException {
            graphs();
            each(
                    "kv_cache_usage.csv",
                    EngineTables.KV_USAGE,
                    List.of("timestamp_sec", "usage_pct"),
                    Directory::kvUsage);
            each("kv_cache_evictions.csv", EngineTables.KV_EVICTION, List.of("timestamp_sec"), Directory::kvEviction);
            each("forward_pass_timing.csv", EngineTables.STEP, List.of("timestamp_sec", "phase"), this::forward);
            each(
                    "cpu_operations_timing.csv",
                    EngineTables.HOST_OPERATION,
                    List.of("timestamp_sec", "operation", "duration_ms"),
                    Directory::operation);
            each("batch_utilization.csv", EngineTables.BATCH, List.of("timestamp_sec", "num_seqs"), Directory::batch);
            each(
                    "preemption_events.csv",
                    EngineTables.PREEMPTION,
                    List.of("timestamp_sec", "request_id", "event"),
                    Directory::preemption);
            each(
                    "request_lifecycle.csv",
                    EngineTables.REQUEST,
                    List.of("request_id", "started_sec"),
                    Directory::lifecycle);
            each(
                    "encoder_decoder_timing.csv",
                    EngineTables.ENCODER_DECODER,
                    List.of("timestamp_sec", "component", "duration_ms"),
                    Directory::encoder);
            each("iterations.csv", EngineTables.STEP, List.of("iteration", "elapsed_time_ms"), Directory::iteration);
            each(
                    "requests.csv",
                    EngineTables.REQUEST,
                    List.of("request_id", "total_time_ms"),
                    Directory::loggedRequest);
            experts();
            summaries();
        }

        /// A timeline of replays makes the sums of the same replays superfluous.
        private void graphs() throws IOException {
            each(
                    "cuda_graph_captures.csv",
                    EngineTables.CUDA_GRAPH_CAPTURE,
                    List.of("runtime_mode", "num_tokens"),
                    Directory::capture);
            boolean timeline = each(
                    "cuda_graph_timeline.csv",
                    EngineTables.CUDA_GRAPH_REPLAY,
                    List.of("timestamp_sec", "descriptor"),
                    Directory::replay);
            if (timeline) {
                context.stats()
                        .count(
                                "sums_left_out",
                                Severity.INFO,
                                "cuda_graph_usage.csv sums what cuda_graph_timeline.csv lists");
            } else {
                each(
                        "cuda_graph_usage.csv",
                        EngineTables.CUDA_GRAPH_REPLAY,
                        List.of("runtime_mode", "replay_count"),
                        Directory::replays);
            }
        }

        /// At the top, or in one or two directories of the same name.
        private void experts() throws IOException {
            Optional<Source> directory = Optional.of(source);
            while (directory.isPresent()) {
                Source here = directory.get();
                each(
                        here,
                        "moe_expert_activations.csv",
                        EngineTables.EXPERT_COUNT,
                        List.of("layer_idx", "expert_id", "activation_count"),
                        Directory::activations);
                each(
                        here,
                        "moe_expert_coselection.csv",
                        EngineTables.EXPERT_COUNT,
                        List.of("layer_idx", "expert_id_1", "expert_id_2"),
                        Directory::pairs);
                each(
                        here,
                        "moe_load_imbalance.csv",
                        EngineTables.EXPERT_LOAD,
                        List.of("layer_idx", "timestamp_sec"),
                        Directory::load);
                each(
                        here,
                        "moe_routing_weights_hist.csv",
                        EngineTables.EXPERT_WEIGHT,
                        List.of("layer_idx", "expert_id", "weight"),
                        Directory::weight);
                facts(here, "moe_summary.json");
                directory = here.head().entries().contains(MOE) ? Optional.of(here.resolve(MOE)) : Optional.empty();
            }
        }

        private void summaries() throws IOException {
            for (String file : List.of(
                    "metadata.json",
                    "forward_pass_summary.json",
                    "summary.json",
                    "cpu_timing_summary.json",
                    "batch_utilization_summary.json",
                    "preemption_summary.json",
                    "encoder_decoder_summary.json")) {
                facts(source, file);
            }
            if (source.head().entries().contains("kv_cache_summary.txt")) {
                kvSummary();
            }
        }

        private void kvSummary() throws IOException {
            try (TextInput input = new TextInput(source.resolve("kv_cache_summary.txt"), context);
                    RowWriter row = new RowWriter(Tables.METADATA, sink)) {
                for (String line = input.next(); line != null; line = input.next()) {
                    int colon = line.indexOf(": ");
                    if (colon > 0) {
                        String name = line.substring(0, colon)
                                .strip()
                                .toLowerCase(java.util.Locale.ROOT)
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

        /// Fills a row of a table from a row of a file.
        private interface Mapping {
            void map(CsvTable from, RowWriter to);
        }

        private boolean each(String file, Table table, List<String> needed, Mapping mapping) throws IOException {
            return each(source, file, table, needed, mapping);
        }

        private boolean each(Source directory, String file, Table table, List<String> needed, Mapping mapping)
                throws IOException {
            if (!directory.head().entries().contains(file)) {
                return false;
            }
            try (RowWriter row = new RowWriter(table, sink)) {
                long rows = CsvTable.each(directory.resolve(file), context, needed, from -> {
                    mapping.map(from, row);
                    row.set("source_id", context.sourceId()).end();
                });
                context.stats().read(table.name(), rows);
            }
            return true;
        }

        private static void capture(CsvTable from, RowWriter to) {
            set(to, "ts", from.seconds("capture_time_sec"));
            set(to, "mode", mode(from.text("runtime_mode")));
            Matcher whole = DESCRIPTOR.matcher(from.text("num_tokens"));
            if (whole.matches()) {
                descriptor(whole, to);
            } else {
                graph(from, to);
            }
        }

        private static void replays(CsvTable from, RowWriter to) {
            set(to, "mode", mode(from.text("runtime_mode")));
            graph(from, to);
            set(to, "count", from.integer("replay_count"));
        }

        private static void replay(CsvTable from, RowWriter to) {
            OptionalLong dur = from.millis("duration_ms");
            set(to, "ts", start(from.seconds("timestamp_sec"), dur));
            set(to, "dur", dur);
            Matcher descriptor = DESCRIPTOR.matcher(from.text("descriptor"));
            if (descriptor.matches()) {
                set(to, "mode", descriptor.group(1) == null ? "" : descriptor.group(1));
                descriptor(descriptor, to);
            } else {
                set(to, "mode", from.text("descriptor"));
            }
            to.set("count", 1L);
        }

        private static void graph(CsvTable from, RowWriter to) {
            set(to, "tokens", from.integer("num_tokens"));
            set(to, "requests", from.integer("num_reqs"));
            from.flag("uniform").ifPresent(flag -> to.set("uniform", flag));
            from.flag("has_lora").ifPresent(flag -> to.set("lora", flag));
        }

        private static void descriptor(Matcher descriptor, RowWriter to) {
            set(to, "tokens", Decimals.integer(descriptor.group(2)));
            set(to, "requests", Decimals.integer(descriptor.group(3)));
            to.set("uniform", descriptor.group(4).equals("True"))
                    .set("lora", descriptor.group(5).equals("True"));
        }

        private static void kvUsage(CsvTable from, RowWriter to) {
            set(to, "ts", from.seconds("timestamp_sec"));
            set(to, "usage_ratio", from.percent("usage_pct"));
            set(to, "blocks", from.integer("num_blocks"));
            set(to, "total_blocks", from.integer("total_blocks"));
        }

        private static void kvEviction(CsvTable from, RowWriter to) {
            set(to, "ts", from.seconds("timestamp_sec"));
            set(to, "lifetime_ns", from.seconds("lifetime_sec"));
            set(to, "idle_ns", from.seconds("idle_sec"));
        }

        /// The column batch_size holds sequences by the tool's documents and tokens by its code: it is
        /// taken for sequences only where it cannot be tokens, or where the two are the same.
        private void forward(CsvTable from, RowWriter to) {
            to.set("step", step++);
            set(to, "ts", from.seconds("timestamp_sec"));
            set(to, "phase", from.text("phase"));
            OptionalLong tokens = from.integer("num_tokens");
            OptionalLong batch = from.integer("batch_size");
            set(to, "tokens", tokens);
            if (!batch.equals(tokens) || from.text("phase").equals("decode")) {
                set(to, "requests", batch);
            }
            set(
                    to,
                    from.has("forward_time_ms") ? "gpu_ns" : "dur",
                    from.millis(from.has("forward_time_ms") ? "forward_time_ms" : "duration_ms"));
        }

        private static void operation(CsvTable from, RowWriter to) {
            OptionalLong dur = from.millis("duration_ms");
            set(to, "ts", start(from.seconds("timestamp_sec"), dur));
            set(to, "dur", dur);
            set(to, "name", from.text("operation"));
            set(to, "context", from.text("context"));
        }

        private static void batch(CsvTable from, RowWriter to) {
            set(to, "ts", from.seconds("timestamp_sec"));
            set(to, "phase", from.text("phase"));
            set(to, "requests", from.integer("num_seqs"));
            set(to, "max_requests", from.integer("max_num_seqs"));
            set(to, "tokens", from.integer("num_tokens"));
            set(to, "max_tokens", from.integer("max_tokens"));
            set(to, "running", from.integer("running_queue_len"));
            set(to, "waiting", from.integer("waiting_queue_len"));
        }

        /// What the tool calls num_blocks are the request's computed tokens.
        private static void preemption(CsvTable from, RowWriter to) {
            set(to, "ts", from.seconds("timestamp_sec"));
            set(to, "request", from.text("request_id"));
            set(to, "event", from.text("event"));
            set(to, "reason", from.text("reason"));
            set(to, "running_ns", from.seconds("running_time_sec"));
            Matcher blocks = BLOCKS.matcher(from.text("extra_info"));
            if (blocks.find()) {
                set(to, "computed_tokens", Decimals.integer(blocks.group(1)));
            }
        }

        private static void lifecycle(CsvTable from, RowWriter to) {
            set(to, "request", from.text("request_id"));
            set(to, "scheduled_ts", from.seconds("started_sec"));
            set(to, "finished_ts", from.seconds("finished_sec"));
        }

        private static void encoder(CsvTable from, RowWriter to) {
            set(to, "ts", from.seconds("timestamp_sec"));
            set(to, "dur", from.millis("duration_ms"));
            set(to, "component", from.text("component"));
            set(to, "context", from.text("context"));
        }

        private static void iteration(CsvTable from, RowWriter to) {
            set(to, "step", from.integer("iteration"));
            set(to, "ts", LogTime.parse(from.text("timestamp")));
            set(to, "dur", from.millis("elapsed_time_ms"));
            set(to, "phase", from.text("type").replace("-only", ""));
            OptionalLong prefill = from.integer("context_requests");
            OptionalLong decode = from.integer("generation_requests");
            set(to, "prefill_requests", prefill);
            set(to, "decode_requests", decode);
            set(to, "requests", sum(prefill, decode));
            OptionalLong prefillTokens = from.integer("context_tokens");
            OptionalLong decodeTokens = from.integer("generation_tokens");
            set(to, "prefill_tokens", prefillTokens);
            set(to, "decode_tokens", decodeTokens);
            set(to, "tokens", sum(prefillTokens, decodeTokens));
        }

        private static void loggedRequest(CsvTable from, RowWriter to) {
            set(to, "request", from.text("request_id"));
            set(to, "arrival_ts", LogTime.parse(from.text("received_time")));
            set(to, "scheduled_ts", LogTime.parse(from.text("added_time")));
            set(to, "finished_ts", LogTime.parse(from.text("completed_time")));
            set(to, "queue_ns", from.millis("queue_time_ms"));
            set(to, "e2e_ns", from.millis("total_time_ms"));
        }

        private static void activations(CsvTable from, RowWriter to) {
            set(to, "layer", from.integer("layer_idx"));
            set(to, "expert", from.integer("expert_id"));
            set(to, "tokens", from.integer("activation_count"));
        }

        private static void pairs(CsvTable from, RowWriter to) {
            set(to, "layer", from.integer("layer_idx"));
            set(to, "expert", from.integer("expert_id_1"));
            set(to, "other_expert", from.integer("expert_id_2"));
            set(to, "tokens", from.integer("coselection_count"));
        }

        private static void load(CsvTable from, RowWriter to) {
            set(to, "ts", from.seconds("timestamp_sec"));
            set(to, "layer", from.integer("layer_idx"));
            set(to, "stddev", from.real("std_dev"));
            set(to, "max_min", from.real("max_min_ratio"));
        }

        private static void weight(CsvTable from, RowWriter to) {
            set(to, "layer", from.integer("layer_idx"));
            set(to, "token", from.integer("token_idx"));
            set(to, "expert", from.integer("expert_id"));
            set(to, "weight", from.real("weight"));
        }

        private static String mode(String text) {
            return text.replace("CUDAGraphMode.", "");
        }

        private static OptionalLong start(OptionalLong end, OptionalLong dur) {
            return end.isPresent() && dur.isPresent() ? OptionalLong.of(end.getAsLong() - dur.getAsLong()) : end;
        }

        private static OptionalLong sum(OptionalLong a, OptionalLong b) {
            return a.isPresent() && b.isPresent()
                    ? OptionalLong.of(a.getAsLong() + b.getAsLong())
                    : OptionalLong.empty();
        }

        private static void set(RowWriter to, String column, OptionalLong value) {
            value.ifPresent(v -> to.set(column, v));
        }

        private static void set(RowWriter to, String column, OptionalDouble value) {
            value.ifPresent(v -> to.set(column, v));
        }

        private static void set(RowWriter to, String column, String value) {
            if (!value.isEmpty()) {
                to.set(column, value);
            }
        }
    }
}
