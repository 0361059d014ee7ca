package dev.hourglass.core.trace;

import static dev.hourglass.core.trace.Column.flag;
import static dev.hourglass.core.trace.Column.integer;
import static dev.hourglass.core.trace.Column.real;
import static dev.hourglass.core.trace.Column.source;
import static dev.hourglass.core.trace.Column.text;

import dev.hourglass.core.unit.Unit;
import java.util.List;

/// What only a probe inside an engine's processes sees, and what it tells of itself.
///
/// `pid` with `engine` names the process; steps are those of the table `step`.
public final class ProbeTables {
    private static final String ENGINE = "Engine that the process works for; NULL where it works for none.";
    private static final String STEP = "The engine's step that it fell into; NULL where it fell into none.";

    public static final Table PROBE_PROCESS = Table.of(
            "probe_process",
            "A process that the probe was in, and what the probe cost it.",
            integer("pid", Unit.NONE, "The process."),
            text("role", "frontend, engine, worker or python."),
            text("engine", ENGINE),
            integer("rank", Unit.NONE, "Rank of a worker among its engine's; NULL where it is none."),
            integer("start_ts", Unit.NANOSECONDS, "When the process began; NULL where not told."),
            integer("end_ts", Unit.NANOSECONDS, "Last moment that it wrote down."),
            text("command", "Its command line."),
            text("software", "Versions of Python, of the engine and of the probe."),
            flag(
                    "ended",
                    "Whether the interpreter ended in order; else it was killed, left in a hurry, or still runs."),
            integer("records", Unit.COUNT, "Records that it wrote."),
            integer("bytes", Unit.BYTES, "Their size."),
            integer("dropped", Unit.COUNT, "Records that were dropped because of the limit on the disk."),
            integer("calls", Unit.COUNT, "Calls that went through the probe's hooks."),
            integer("errors", Unit.COUNT, "Errors of the probe, all contained."),
            integer("self_ns", Unit.NANOSECONDS, "Time that the engine's threads spent in the probe's code."),
            source());

    public static final Table PROBE_BEAT = Table.of(
            "probe_beat",
            "What the probe clocked of itself in one process between two of its heart beats.",
            integer("ts", Unit.NANOSECONDS, "The earlier beat on the trace clock."),
            integer("dur", Unit.NANOSECONDS, "Time to the later one."),
            integer("pid", Unit.NONE, "The process."),
            text("engine", ENGINE),
            integer("calls", Unit.COUNT, "Calls that went through hooks meanwhile."),
            integer("self_ns", Unit.NANOSECONDS, "Time in the probe's code meanwhile."),
            source());

    public static final Table PROBE_HOOK = Table.of(
            "probe_hook",
            "What one hook of the probe could do in one process.",
            integer("pid", Unit.NONE, "The process."),
            text("engine", ENGINE),
            text("profiler", "Which profiler it belongs to, for example kv-cache."),
            text("hook", "Name of the hook."),
            text("symbol", "What was hooked, module:qualname, or looked for."),
            text("status", "OK, MISSING, CHANGED, INACTIVE or DISABLED."),
            text("reason", "Why it is not OK; NULL where it is."),
            integer("fires", Unit.COUNT, "Calls that went through it; 0: hooked and never called."),
            integer("total_ns", Unit.NANOSECONDS, "Time inside these calls, that of the engine's own code included."),
            integer("errors", Unit.COUNT, "Its errors, all contained."),
            source());

    public static final Table FORWARD_PASS = Table.of(
            "forward_pass",
            "One step in one worker: preparing, forward pass, sampling.",
            integer("step", Unit.NONE, "Number of the step in its engine."),
            integer("ts", Unit.NANOSECONDS, "Start on the trace clock: the worker was given the step."),
            integer("dur", Unit.NANOSECONDS, "Host time until the call returned; the device may work longer."),
            text("engine", "Engine process."),
            integer("rank", Unit.NONE, "Rank of the worker; NULL where not told."),
            text("runner", "Model runner of the engine, V1 or V2; NULL where not told."),
            integer("requests", Unit.COUNT, "Requests in the batch."),
            integer("tokens", Unit.TOKENS, "Tokens in the batch."),
            integer("padded_tokens", Unit.TOKENS, "Tokens that were computed; NULL where not told."),
            text("graph_mode", "FULL, PIECEWISE or NONE; NULL where not told."),
            integer("replays", Unit.COUNT, "CUDA graphs replayed in it; NULL where not counted."),
            integer("forward_ts", Unit.NANOSECONDS, "Start of the forward pass on the host; NULL where not seen."),
            integer(
                    "forward_ns",
                    Unit.NANOSECONDS,
                    "Its host time: computing on a CPU, launching on a GPU; NULL where not seen."),
            integer("sample_ts", Unit.NANOSECONDS, "Start of sampling on the host; NULL where not seen."),
            integer("sample_ns", Unit.NANOSECONDS, "Its host time; NULL where not seen."),
            integer("ready_ts", Unit.NANOSECONDS, "When the tokens had reached the host; NULL where not seen."),
            integer("gpu_ns", Unit.NANOSECONDS, "Device time between events around the step; NULL where not measured."),
            integer("gpu_prepare_ns", Unit.NANOSECONDS, "Of it, before the forward pass."),
            integer("gpu_forward_ns", Unit.NANOSECONDS, "Of it, the forward pass."),
            integer("gpu_sample_ns", Unit.NANOSECONDS, "Of it, after the forward pass."),
            integer(
                    "gpu_idle_ns",
                    Unit.NANOSECONDS,
                    "Device time between the end of the step before and the entry of this one."),
            source());

    public static final Table PREFIX_LOOKUP = Table.of(
            "prefix_lookup",
            "One look-up of a request's prefix in the KV cache.",
            integer("ts", Unit.NANOSECONDS, "Moment on the trace clock."),
            integer("dur", Unit.NANOSECONDS, "Time of looking."),
            text("engine", "Engine process."),
            text("request", "The engine's name of the request."),
            integer("tokens", Unit.TOKENS, "Tokens of the request."),
            integer("hit_tokens", Unit.TOKENS, "Of them found."),
            integer("full_blocks", Unit.COUNT, "Whole blocks looked for; NULL where not told."),
            integer("hit_blocks", Unit.COUNT, "Of them found; NULL where not told."),
            integer("evicted_blocks", Unit.COUNT, "Of those not found, had been there before; NULL where not told."),
            text(
                    "miss",
                    "Why the first block that was not found was not: none (all were), other text, shorter than a"
                            + " block, evicted, caching off, not told."),
            flag("again", "Whether the request is computed again after a preemption."),
            source());

    public static final Table ENGINE_STALL = Table.of(
            "engine_stall",
            "Something that stopped a process of the engine: a garbage collection, a compilation.",
            integer("ts", Unit.NANOSECONDS, "Start on the trace clock."),
            integer("dur", Unit.NANOSECONDS, "Its time."),
            integer("pid", Unit.NONE, "The process."),
            text("engine", ENGINE),
            text("kind", "garbage collection or compilation."),
            text("name", "The generation that was collected, or the compiler."),
            text("detail", "What was compiled, or how many objects were freed; NULL where not told."),
            integer("step", Unit.NONE, STEP),
            source());

    public static final Table STARTUP_SPAN = Table.of(
            "startup_span",
            "A part of an engine's start, or a moment of it.",
            integer("ts", Unit.NANOSECONDS, "Start on the trace clock."),
            integer("dur", Unit.NANOSECONDS, "Its time; NULL for a moment."),
            integer("pid", Unit.NONE, "The process."),
            text("engine", ENGINE),
            text("role", "frontend, engine, worker or python."),
            text("category", "import, load, compile, capture, kv, warm-up, tokenizer, …; mark for a moment."),
            text("name", "Module, function or moment."),
            text("detail", "Further words; NULL for none."),
            integer("bytes", Unit.BYTES, "Bytes read or reserved; NULL where not told."),
            integer("depth", Unit.NONE, "Spans of its thread around it; NULL for a moment."),
            source());

    public static final Table THREAD_STEP = Table.of(
            "thread_step",
            "What the kernel tells of one thread of an engine, between two of its steps.",
            integer("ts", Unit.NANOSECONDS, "Start of the interval on the trace clock."),
            integer("dur", Unit.NANOSECONDS, "Length of the interval."),
            integer("pid", Unit.NONE, "The process."),
            text("engine", ENGINE),
            integer("tid", Unit.NONE, "The thread."),
            integer("step", Unit.NONE, "The step at whose end the interval ends; NULL where not told."),
            integer("run_ns", Unit.NANOSECONDS, "Time on a core."),
            integer("wait_ns", Unit.NANOSECONDS, "Time ready to run and waiting for a core."),
            source());

    public static final Table EXPERT_WEIGHT_BIN = Table.of(
            "expert_weight_bin",
            "How many routing weights of a layer lie in a bin.",
            text("engine", "Engine process."),
            integer("layer", Unit.NONE, "Transformer layer from 0."),
            real("low", Unit.RATIO, "Lower end of the bin; what is smaller is in the lowest one."),
            real("high", Unit.RATIO, "Upper end of the bin; what is larger is in the highest one."),
            integer("weights", Unit.COUNT, "Weights in it."),
            source());

    private static final List<Table> ALL = List.of(
            PROBE_PROCESS,
            PROBE_BEAT,
            PROBE_HOOK,
            FORWARD_PASS,
            PREFIX_LOOKUP,
            ENGINE_STALL,
            STARTUP_SPAN,
            THREAD_STEP,
            EXPERT_WEIGHT_BIN);

    private ProbeTables() {}

    static List<Table> all() {
        return ALL;
    }
}
