package dev.hourglass.core.trace;

import static dev.hourglass.core.trace.Column.flag;
import static dev.hourglass.core.trace.Column.integer;
import static dev.hourglass.core.trace.Column.real;
import static dev.hourglass.core.trace.Column.source;
import static dev.hourglass.core.trace.Column.text;

import dev.hourglass.core.unit.Unit;
import java.util.List;

/// The tables of a serving engine's own events: steps, requests, scheduling, KV cache, CUDA graphs.
///
/// `engine` names the process that an event comes from, for example `vllm:0`; it is NULL where a
/// source does not tell.
public final class EngineTables {

    public static final Table STEP = Table.of(
            "step",
            "One iteration of an engine: one forward pass over one batch.",
            integer("step", Unit.NONE, "Number of the step in its engine, from 0."),
            integer("ts", Unit.NANOSECONDS, "Start on the trace clock."),
            integer("dur", Unit.NANOSECONDS, "Elapsed time of the step; NULL where it was not measured."),
            text("engine", "Engine process."),
            text("phase", "prefill, decode or mixed; NULL where the source does not tell."),
            integer("requests", Unit.COUNT, "Requests in the batch."),
            integer("prefill_requests", Unit.COUNT, "Of them in prefill."),
            integer("decode_requests", Unit.COUNT, "Of them in decode."),
            integer("tokens", Unit.TOKENS, "Tokens scheduled."),
            integer("prefill_tokens", Unit.TOKENS, "Of them prompt tokens."),
            integer("decode_tokens", Unit.TOKENS, "Of them tokens of decode."),
            integer(
                    "context_tokens",
                    Unit.TOKENS,
                    "Sum over the requests of the tokens that attention reads; NULL where not told."),
            integer(
                    "gpu_ns",
                    Unit.NANOSECONDS,
                    "Time on the device between events around the step; NULL where not measured."),
            integer("padded_tokens", Unit.TOKENS, "Tokens of the CUDA graph that ran; NULL without one."),
            text("graph_mode", "FULL, PIECEWISE or NONE; NULL where not told."),
            integer("slice_id", Unit.NONE, "The slice that shows it; NULL where there is none."),
            source());

    public static final Table STAGE = Table.of(
            "stage",
            "A span of a run that belongs together, from annotations: prefill, a decode step, a training step.",
            integer("id", Unit.NONE, "Identifier of the stage."),
            integer("ts", Unit.NANOSECONDS, "Start on the trace clock, by the host's clock."),
            integer("dur", Unit.NANOSECONDS, "Duration."),
            text("name", "Name of the annotation."),
            text("kind", "prefill, decode, mixed or other."),
            integer("depth", Unit.NONE, "Number of stages around it."),
            integer("prefill_requests", Unit.COUNT, "Requests in prefill; NULL where the name does not tell."),
            integer("decode_requests", Unit.COUNT, "Requests in decode; NULL where the name does not tell."),
            integer("prefill_tokens", Unit.TOKENS, "Prompt tokens; NULL where the name does not tell."),
            integer("decode_tokens", Unit.TOKENS, "Tokens of decode; NULL where the name does not tell."),
            integer("context_tokens", Unit.TOKENS, "Tokens that attention reads; NULL where the name does not tell."),
            integer("track_id", Unit.NONE, "Track of the annotation."),
            integer("slice_id", Unit.NONE, "The annotation in slice."),
            source());

    public static final Table REQUEST = Table.of(
            "request",
            "One request to an engine.",
            text("request", "The engine's name of the request."),
            text("engine", "Engine process."),
            integer("arrival_ts", Unit.NANOSECONDS, "When it arrived."),
            integer("scheduled_ts", Unit.NANOSECONDS, "When it was first scheduled."),
            integer("first_token_ts", Unit.NANOSECONDS, "When its first token was there."),
            integer("finished_ts", Unit.NANOSECONDS, "When it ended; NULL where it did not."),
            integer("prompt_tokens", Unit.TOKENS, "Tokens of the prompt."),
            integer("cached_tokens", Unit.TOKENS, "Of them taken from the prefix cache; NULL where not told."),
            integer("output_tokens", Unit.TOKENS, "Tokens generated."),
            integer("queue_ns", Unit.NANOSECONDS, "Waiting before it was first scheduled."),
            integer("ttft_ns", Unit.NANOSECONDS, "From arrival to the first token."),
            integer("e2e_ns", Unit.NANOSECONDS, "From arrival to the end."),
            integer("preemptions", Unit.COUNT, "Times it was preempted; NULL where not told."),
            text("finish_reason", "stop, length, abort or the engine's word."),
            source());

    public static final Table REQUEST_STEP = Table.of(
            "request_step",
            "What one request did in one step.",
            text("request", "The engine's name of the request."),
            integer("step", Unit.NONE, "The step in which it took part."),
            text("engine", "Engine process."),
            text("phase", "prefill, decode, or recompute of what a preemption threw away."),
            integer("tokens", Unit.TOKENS, "Its tokens in the step."),
            integer("computed_tokens", Unit.TOKENS, "Its tokens already in the KV cache before the step."),
            source());

    public static final Table BATCH = Table.of(
            "batch",
            "One decision of an engine's scheduler.",
            integer("ts", Unit.NANOSECONDS, "Moment on the trace clock."),
            integer("step", Unit.NONE, "The step that it led to; NULL where not told."),
            text("engine", "Engine process."),
            text("phase", "prefill, decode or mixed."),
            integer("requests", Unit.COUNT, "Requests scheduled."),
            integer("max_requests", Unit.COUNT, "Most that the engine would schedule."),
            integer("tokens", Unit.TOKENS, "Tokens scheduled."),
            integer("max_tokens", Unit.TOKENS, "Most that the engine would schedule."),
            integer("running", Unit.COUNT, "Requests running afterwards."),
            integer("waiting", Unit.COUNT, "Requests waiting afterwards."),
            integer("dur", Unit.NANOSECONDS, "Time of the decision; NULL where not measured."),
            source());

    public static final Table PREEMPTION = Table.of(
            "preemption",
            "One event in the life of a request that has to do with preemption.",
            integer("ts", Unit.NANOSECONDS, "Moment on the trace clock."),
            text("request", "The engine's name of the request."),
            text("engine", "Engine process."),
            text("event", "started, preempted, resumed, finished or evicted."),
            text("reason", "Why, in the engine's word; NULL where not told."),
            integer("running_ns", Unit.NANOSECONDS, "Time that it had been running; NULL where not told."),
            integer("computed_tokens", Unit.TOKENS, "Tokens whose KV entries are lost; NULL where not told."),
            integer("blocks", Unit.COUNT, "KV blocks that it held; NULL where not told."),
            source());

    public static final Table KV_USAGE = Table.of(
            "kv_usage",
            "How full the KV cache was at a moment.",
            integer("ts", Unit.NANOSECONDS, "Moment on the trace clock."),
            text("engine", "Engine process."),
            real("usage_ratio", Unit.RATIO, "Blocks in use over blocks of the pool."),
            integer("blocks", Unit.COUNT, "Blocks in use; NULL where not told."),
            integer("total_blocks", Unit.COUNT, "Blocks of the pool; NULL where not told."),
            integer("allocated", Unit.COUNT, "Blocks allocated since the row before; NULL where not told."),
            integer("freed", Unit.COUNT, "Blocks freed since then; NULL where not told."),
            integer("reused", Unit.COUNT, "Blocks taken from the prefix cache since then; NULL where not told."),
            integer("evicted", Unit.COUNT, "Blocks thrown out of the prefix cache since then; NULL where not told."),
            integer("refused", Unit.COUNT, "Requests for blocks since then that found too few; NULL where not told."),
            source());

    public static final Table KV_EVICTION = Table.of(
            "kv_eviction",
            "One block that left the KV cache.",
            integer("ts", Unit.NANOSECONDS, "Moment on the trace clock."),
            text("engine", "Engine process."),
            integer("block", Unit.NONE, "Block number; NULL where not told."),
            integer("lifetime_ns", Unit.NANOSECONDS, "From allocation to eviction."),
            integer("idle_ns", Unit.NANOSECONDS, "From the last use to eviction."),
            integer("uses", Unit.COUNT, "Times it was taken from the prefix cache; NULL where not told."),
            flag(
                    "prefix",
                    "Whether a prefix was lost that could have been used again; else a block that was free already was"
                            + " used again. NULL where not told."),
            source());

    public static final Table CUDA_GRAPH_CAPTURE = Table.of(
            "cuda_graph_capture",
            "One CUDA graph that an engine captured.",
            integer("ts", Unit.NANOSECONDS, "When; NULL where not told."),
            integer("dur", Unit.NANOSECONDS, "How long the capture took; NULL where not told."),
            text("engine", "Engine process."),
            text("mode", "FULL or PIECEWISE."),
            integer("tokens", Unit.TOKENS, "Padded tokens that the graph is for."),
            integer("requests", Unit.COUNT, "Requests that the graph is for; NULL for piecewise graphs."),
            flag("uniform", "Whether it is for uniform decode batches; NULL where not told."),
            flag("lora", "Whether it was captured with LoRA; NULL where not told."),
            source());

    public static final Table CUDA_GRAPH_REPLAY = Table.of(
            "cuda_graph_replay",
            "Replays of a CUDA graph: one row per replay, or one per graph with a count where the source only sums.",
            integer("ts", Unit.NANOSECONDS, "When; NULL for a sum."),
            integer("dur", Unit.NANOSECONDS, "Elapsed time of the call on the host; NULL for a sum."),
            text("engine", "Engine process."),
            text("mode", "FULL or PIECEWISE."),
            integer("tokens", Unit.TOKENS, "Padded tokens of the graph."),
            integer("requests", Unit.COUNT, "Requests of the graph; NULL for piecewise graphs."),
            flag("uniform", "Whether it is for uniform decode batches; NULL where not told."),
            flag("lora", "Whether it was captured with LoRA; NULL where not told."),
            integer("count", Unit.COUNT, "Replays in the row; 1 except for a sum."),
            source());

    public static final Table HOST_OPERATION = Table.of(
            "host_operation",
            "One task of an engine on the host: scheduling, preparing inputs, sampling, detokenising.",
            integer("ts", Unit.NANOSECONDS, "Start on the trace clock."),
            integer("dur", Unit.NANOSECONDS, "Elapsed time."),
            text("engine", "Engine process."),
            text("name", "What was done."),
            text("context", "Details in the engine's words; NULL for none."),
            integer("step", Unit.NONE, "The step that it belongs to; NULL where not told."),
            source());

    public static final Table ENCODER_DECODER = Table.of(
            "encoder_decoder",
            "Time of an encoder, a decoder, or cross attention in a model that has several.",
            integer("ts", Unit.NANOSECONDS, "Start on the trace clock."),
            integer("dur", Unit.NANOSECONDS, "Duration."),
            text("engine", "Engine process."),
            text("component", "encoder, decoder or cross_attention."),
            text("context", "Which module; NULL where not told."),
            source());

    public static final Table EXPERT_COUNT = Table.of(
            "expert_count",
            "How often an expert was chosen, from a source that sums and does not list choices.",
            integer("layer", Unit.NONE, "Transformer layer from 0."),
            integer("expert", Unit.NONE, "Expert index from 0."),
            integer(
                    "other_expert",
                    Unit.NONE,
                    "The second expert of a pair, larger than the first; NULL for a single expert."),
            integer("tokens", Unit.COUNT, "Choices, or tokens for which both were chosen."),
            source());

    public static final Table EXPERT_LOAD = Table.of(
            "expert_load",
            "How evenly one layer's experts were chosen in one forward pass, from a source that sums.",
            integer("ts", Unit.NANOSECONDS, "Moment on the trace clock."),
            integer("layer", Unit.NONE, "Transformer layer from 0."),
            real("stddev", Unit.COUNT, "Standard deviation of the choices per expert."),
            real("max_min", Unit.RATIO, "Most over fewest choices of an expert that was chosen."),
            integer("choices", Unit.COUNT, "Choices in all; NULL where not told."),
            integer("idle", Unit.COUNT, "Experts that were not chosen; NULL where not told."),
            source());

    public static final Table EXPERT_WEIGHT = Table.of(
            "expert_weight",
            "One routing weight of one token in one layer, from a source that samples forward passes.",
            integer("layer", Unit.NONE, "Transformer layer from 0."),
            integer("token", Unit.NONE, "Index of the token inside its forward pass; not unique over passes."),
            integer("expert", Unit.NONE, "Expert index from 0."),
            real("weight", Unit.RATIO, "The factor applied to the expert's output."),
            source());

    private static final List<Table> ALL = List.of(
            STEP,
            STAGE,
            REQUEST,
            REQUEST_STEP,
            BATCH,
            PREEMPTION,
            KV_USAGE,
            KV_EVICTION,
            CUDA_GRAPH_CAPTURE,
            CUDA_GRAPH_REPLAY,
            HOST_OPERATION,
            ENCODER_DECODER,
            EXPERT_COUNT,
            EXPERT_LOAD,
            EXPERT_WEIGHT);

    private EngineTables() {}

    static List<Table> all() {
        return ALL;
    }
}
