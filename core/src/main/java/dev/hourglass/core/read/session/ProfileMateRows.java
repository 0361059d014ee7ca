package dev.hourglass.core.read.session;

import dev.hourglass.core.read.Decimals;
import dev.hourglass.core.read.LogTime;
import dev.hourglass.core.trace.Moments;
import dev.hourglass.core.trace.RowWriter;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How a row of each of ProfileMate's files becomes a row of a table.
final class ProfileMateRows {
    private static final Pattern DESCRIPTOR = Pattern.compile(
            "(?:(?:CUDAGraphMode\\.)?+(\\w++):)?+BatchDescriptor\\(num_tokens=(\\d++), num_reqs=(\\w++), uniform=(\\w++), has_lora=(\\w++).*+");
    private static final Pattern BLOCKS = Pattern.compile("num_blocks=(\\d++)");

    private ProfileMateRows() {}

    static void capture(CsvTable from, RowWriter to) {
        set(to, "ts", from.seconds("capture_time_sec"));
        set(to, "mode", mode(from.text("runtime_mode")));
        Matcher whole = DESCRIPTOR.matcher(from.text("num_tokens"));
        if (whole.matches()) {
            descriptor(whole, to);
        } else {
            graph(from, to);
        }
    }

    static void replays(CsvTable from, RowWriter to) {
        set(to, "mode", mode(from.text("runtime_mode")));
        graph(from, to);
        set(to, "count", from.integer("replay_count"));
    }

    static void replay(CsvTable from, RowWriter to) {
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

    static void kvUsage(CsvTable from, RowWriter to) {
        set(to, "ts", from.seconds("timestamp_sec"));
        set(to, "usage_ratio", from.percent("usage_pct"));
        set(to, "blocks", from.integer("num_blocks"));
        set(to, "total_blocks", from.integer("total_blocks"));
    }

    static void kvEviction(CsvTable from, RowWriter to) {
        set(to, "ts", from.seconds("timestamp_sec"));
        set(to, "lifetime_ns", from.seconds("lifetime_sec"));
        set(to, "idle_ns", from.seconds("idle_sec"));
    }

    /// The column batch_size holds sequences by the tool's documents and tokens by its code: it is
    /// taken for sequences only where it cannot be tokens, or where the two are the same.
    static void forward(CsvTable from, RowWriter to) {
        to.set("step", from.row());
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

    static void operation(CsvTable from, RowWriter to) {
        OptionalLong dur = from.millis("duration_ms");
        set(to, "ts", start(from.seconds("timestamp_sec"), dur));
        set(to, "dur", dur);
        set(to, "name", from.text("operation"));
        set(to, "context", from.text("context"));
    }

    static void batch(CsvTable from, RowWriter to) {
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
    static void preemption(CsvTable from, RowWriter to) {
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

    static void lifecycle(CsvTable from, RowWriter to) {
        set(to, "request", from.text("request_id"));
        set(to, "scheduled_ts", from.seconds("started_sec"));
        set(to, "finished_ts", from.seconds("finished_sec"));
    }

    static void encoder(CsvTable from, RowWriter to) {
        set(to, "ts", from.seconds("timestamp_sec"));
        set(to, "dur", from.millis("duration_ms"));
        set(to, "component", from.text("component"));
        set(to, "context", from.text("context"));
    }

    static void iteration(CsvTable from, RowWriter to) {
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

    static void loggedRequest(CsvTable from, RowWriter to) {
        set(to, "request", from.text("request_id"));
        set(to, "arrival_ts", LogTime.parse(from.text("received_time")));
        set(to, "scheduled_ts", LogTime.parse(from.text("added_time")));
        set(to, "finished_ts", LogTime.parse(from.text("completed_time")));
        set(to, "queue_ns", from.millis("queue_time_ms"));
        set(to, "e2e_ns", from.millis("total_time_ms"));
    }

    static void activations(CsvTable from, RowWriter to) {
        set(to, "layer", from.integer("layer_idx"));
        set(to, "expert", from.integer("expert_id"));
        set(to, "tokens", from.integer("activation_count"));
    }

    static void pairs(CsvTable from, RowWriter to) {
        set(to, "layer", from.integer("layer_idx"));
        set(to, "expert", from.integer("expert_id_1"));
        set(to, "other_expert", from.integer("expert_id_2"));
        set(to, "tokens", from.integer("coselection_count"));
    }

    static void load(CsvTable from, RowWriter to) {
        set(to, "ts", from.seconds("timestamp_sec"));
        set(to, "layer", from.integer("layer_idx"));
        set(to, "stddev", from.real("std_dev"));
        set(to, "max_min", from.real("max_min_ratio"));
    }

    static void weight(CsvTable from, RowWriter to) {
        set(to, "layer", from.integer("layer_idx"));
        set(to, "token", from.integer("token_idx"));
        set(to, "expert", from.integer("expert_id"));
        set(to, "weight", from.real("weight"));
    }

    private static String mode(String text) {
        return text.replace("CUDAGraphMode.", "");
    }

    private static OptionalLong start(OptionalLong end, OptionalLong dur) {
        return end.isPresent() && dur.isPresent()
                ? OptionalLong.of(Moments.plus(end.getAsLong(), -dur.getAsLong()))
                : end;
    }

    private static OptionalLong sum(OptionalLong a, OptionalLong b) {
        return a.isPresent() && b.isPresent()
                ? OptionalLong.of(Moments.plus(a.getAsLong(), b.getAsLong()))
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
