package dev.hourglass.core.trace;

import static dev.hourglass.core.trace.Column.integer;
import static dev.hourglass.core.trace.Column.real;
import static dev.hourglass.core.trace.Column.text;

import dev.hourglass.core.unit.Unit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Every declared table of the trace database; here stand those of a recorded decode run and those of
/// every session, the others in [TraceTables] and [EngineTables].
///
/// `ts` and `dur` are integer nanoseconds on the trace clock: the monotonic clock of the recorded
/// host in a recorded session, Unix time in an imported one.
public final class Tables {

    /// One decode step seen by one sequence.
    public static final Table TOKEN = Table.of(
            "token",
            "One profiled decode step: a sequence's next token. Warm-up steps are not here; the unprofiled steps"
                    + " that alternate with these are in token_unprofiled.",
            integer("token", Unit.NONE, "Index of the token among the profiled ones, from 0."),
            integer("ts", Unit.NANOSECONDS, "Start of the step on the trace clock."),
            integer("dur", Unit.NANOSECONDS, "T_token: from the start of the step until the next token is chosen."),
            integer("position", Unit.TOKENS, "Tokens already in the KV cache when the step began."),
            integer("token_id", Unit.NONE, "Vocabulary id of the token that the step chose."));

    public static final Table TOKEN_UNPROFILED = Table.of(
            "token_unprofiled",
            "One decode step without per-node timing, run right beside the profiled step of the same index: the"
                    + " profiler's own cost is the difference.",
            integer("token", Unit.NONE, "Index of the profiled step that it is paired with."),
            integer("ts", Unit.NANOSECONDS, "Start of the step on the trace clock."),
            integer("dur", Unit.NANOSECONDS, "Duration of the step."),
            integer("position", Unit.TOKENS, "Tokens already in the KV cache when the step began."));

    public static final Table OP = Table.of(
            "op",
            "One timed piece of a decode step: a graph node at node granularity, a run of nodes of one component with"
                    + " the norm before it at stage granularity. Pieces of a step do not overlap.",
            integer("token", Unit.NONE, "The profiled step, as in token."),
            integer(
                    "layer",
                    Unit.NONE,
                    "Transformer layer from 0; NULL outside the layers (embedding, final norm, head)."),
            text("name", "The engine's name of the node, without the layer suffix; of the last node of a run."),
            text("component", "What part of T_token the piece belongs to, a name of component_def."),
            integer("ts", Unit.NANOSECONDS, "Start on the trace clock."),
            integer("dur", Unit.NANOSECONDS, "Elapsed time. Threads of the engine share the work inside it."),
            text("kind", "The engine's operator, for example MUL_MAT_ID; of the last node of a run."),
            integer("nodes", Unit.COUNT, "Graph nodes in the piece."),
            integer(
                    "weight_bytes",
                    Unit.BYTES,
                    "Bytes of model weights that the operator must read: for an expert matrix the chosen experts only."),
            integer("flops", Unit.FLOP, "Multiplications and additions of the matrix products, two per multiply-add."),
            integer("slice_id", Unit.NONE, "Its row in slice; NULL in a session whose version is below 2."));

    public static final Table ENGINE_SPLIT = Table.of(
            "engine_split",
            "A run of graph nodes that the engine's scheduler gave to one device in a profiled step, where a GPU takes part.",
            integer("token", Unit.NONE, "The profiled step, as in token."),
            integer("split", Unit.NONE, "Its position in the step, from 0."),
            text("backend", "Who computes it, as the engine names it: CPU, CUDA0."),
            integer("layer", Unit.NONE, "Transformer layer of its last node that computes; NULL outside the layers."),
            text(
                    "component",
                    "What part of T_token its nodes are; t_cpu_computation for several on the CPU, t_gpu_computation for"
                            + " any on a GPU."),
            text("name", "The engine's name of its last node that computes, without the layer suffix."),
            text("kind", "Operator of that node."),
            integer("nodes", Unit.COUNT, "Graph nodes in it."),
            integer("weight_bytes", Unit.BYTES, "Bytes of model weights that its operators must read."),
            integer("flops", Unit.FLOP, "Multiplications and additions of its matrix products."),
            integer("ts", Unit.NANOSECONDS, "When the scheduler first asked about it: its inputs are there."),
            integer("begin_ts", Unit.NANOSECONDS, "When it had asked about all of it, and handed it over."));

    public static final Table OBSERVED_STEP = Table.of(
            "observed_step",
            "A decode step that was run to tell what a way of observing costs; its other steps are in token and"
                    + " token_unprofiled.",
            text(
                    "how",
                    "questions: the scheduler asks about each node; beside questions: it does not, in the step next to such a"
                            + " one; kernels: every kernel is recorded."),
            integer("token", Unit.NONE, "Index among the steps of its kind, from 0."),
            integer("ts", Unit.NANOSECONDS, "Start of the step on the trace clock."),
            integer("dur", Unit.NANOSECONDS, "Duration of the step."),
            integer("position", Unit.TOKENS, "Tokens already in the KV cache when the step began."));

    public static final Table EXPERT_CHOICE = Table.of(
            "expert_choice",
            "One expert chosen by the router for one token in one layer.",
            integer("token", Unit.NONE, "The profiled step, as in token."),
            integer("layer", Unit.NONE, "Transformer layer from 0."),
            integer("slot", Unit.NONE, "Rank of the choice, 0 for the router's first."),
            integer("expert", Unit.NONE, "Expert index from 0."),
            real(
                    "weight",
                    Unit.RATIO,
                    "The factor applied to the expert's output, after any normalisation and scaling; NULL where it stays in a"
                            + " GPU's memory."));

    public static final Table BARRIER = Table.of(
            "barrier",
            "Time that the engine's threads spent in thread barriers during one step that was traced for it. These"
                    + " steps are not among the profiled ones: the probe slows them.",
            integer("step", Unit.NONE, "Index of the traced step, from 0."),
            integer("thread", Unit.NONE, "Operating-system thread id."),
            integer("wait_ns", Unit.NANOSECONDS, "Sum of the time between entering and leaving a barrier."),
            integer("hits", Unit.COUNT, "Barriers passed."),
            integer("step_dur", Unit.NANOSECONDS, "Duration of the traced step."));

    public static final Table CORE_SAMPLE = Table.of(
            "core_sample",
            "What one logical CPU did in one sampling interval, whole machine, all processes.",
            integer("ts", Unit.NANOSECONDS, "Start of the interval on the trace clock."),
            integer("dur", Unit.NANOSECONDS, "Length of the interval."),
            integer("core", Unit.NONE, "Logical CPU number."),
            real("busy_ratio", Unit.RATIO, "Share of the interval not idle and not waiting for I/O."),
            real("user_ratio", Unit.RATIO, "Share in user code, niced included."),
            real("system_ratio", Unit.RATIO, "Share in the kernel, interrupts included."),
            real("steal_ratio", Unit.RATIO, "Share taken by the hypervisor for other guests."),
            real("freq_mhz", Unit.MEGAHERTZ, "Clock at the end of the interval; NULL where the kernel does not tell."));

    public static final Table THREAD_SAMPLE = Table.of(
            "thread_sample",
            "What one thread of the engine did in one sampling interval.",
            integer("ts", Unit.NANOSECONDS, "Start of the interval on the trace clock."),
            integer("dur", Unit.NANOSECONDS, "Length of the interval."),
            integer("tid", Unit.NONE, "Operating-system thread id."),
            text("name", "Thread name."),
            integer("run_ns", Unit.NANOSECONDS, "Time on a CPU."),
            integer("wait_ns", Unit.NANOSECONDS, "Time ready to run but waiting in the run queue: contention."),
            integer("voluntary_switches", Unit.COUNT, "Times the thread gave the CPU away."),
            integer("involuntary_switches", Unit.COUNT, "Times the thread was taken off the CPU."));

    public static final Table PROCESS_SAMPLE = Table.of(
            "process_sample",
            "The engine's process and the rest of the machine in one sampling interval.",
            integer("ts", Unit.NANOSECONDS, "Start of the interval on the trace clock."),
            integer("dur", Unit.NANOSECONDS, "Length of the interval."),
            integer("rss_bytes", Unit.BYTES, "Resident memory at the end of the interval, file pages included."),
            integer("minor_faults", Unit.COUNT, "Page faults served from memory."),
            integer("major_faults", Unit.COUNT, "Page faults that had to read from a device."),
            integer("engine_cpu_ns", Unit.NANOSECONDS, "CPU time of the engine's process."),
            integer("profiler_cpu_ns", Unit.NANOSECONDS, "CPU time of the recorder's process."),
            integer("others_cpu_ns", Unit.NANOSECONDS, "CPU time of everything else on the machine."),
            real("runnable", Unit.COUNT, "Runnable tasks on the whole machine at the end of the interval."),
            integer("available_bytes", Unit.BYTES, "Memory that new work could get without swapping."));

    public static final Table PERF_COUNT = Table.of(
            "perf_count",
            "A hardware or software event counted over the profiled phase by the kernel's perf subsystem.",
            text("event", "Name as perf prints it, for example instructions or LLC-load-misses."),
            text("scope", "What was counted, for example the engine's process."),
            integer(
                    "value",
                    Unit.COUNT,
                    "Events, scaled up for multiplexing; NULL where the event could not be counted."),
            integer("enabled_ns", Unit.NANOSECONDS, "Time for which the event was asked for."),
            integer("running_ns", Unit.NANOSECONDS, "Time for which it really was counted."),
            text("reason", "Why there is no value; NULL where there is one."));

    public static final Table CEILING = Table.of(
            "ceiling",
            "A limit of the machine, measured on it.",
            text("name", "What is limited, for example dram_read."),
            text("device", "Where, for example cpu or gpu:0."),
            real("value", Unit.NONE, "The best that was reached, in the unit of the column unit."),
            text("unit", "Unit of the value and of its spread."),
            real("median", Unit.NONE, "Median over the repetitions."),
            real("stddev", Unit.NONE, "Standard deviation over the repetitions."),
            integer("n", Unit.COUNT, "Repetitions."),
            integer("threads", Unit.COUNT, "Threads that took part."),
            text("method", "How it was measured."),
            text("kind", "compute, bandwidth or latency."),
            text("dtype", "Number format of the operations; NULL of a bandwidth, and where the name tells it."),
            real("ci95_low", Unit.NONE, "Lower end of the median's 95 % interval, in the unit of the value."),
            real("ci95_high", Unit.NONE, "Upper end."),
            real(
                    "bus_value",
                    Unit.NONE,
                    "The value by bytes on the bus, with the lines that a plain store reads first."),
            real(
                    "percent_of_peak",
                    Unit.NONE,
                    "Of what the device can do by its design; NULL where that is not known."),
            text("peak_source", "Where that comes from: the data sheet, or width and clock."),
            real("clock_mhz", Unit.MEGAHERTZ, "Median clock meanwhile; NULL where it was not told."),
            text("measured_at", "When, in UTC."),
            text("valid_for", "What must be the same for it to hold: driver, libraries, kernel, limits of the clock."));

    public static final Table WEIGHT_TENSOR = Table.of(
            "weight_tensor",
            "One weight tensor of the model that ran.",
            text("name", "Name in the model file."),
            text("type", "Number format, for example Q4_0."),
            text("shape", "Elements per dimension, fastest first, joined by x."),
            integer("elements", Unit.COUNT, "Elements."),
            integer("size_bytes", Unit.BYTES, "Bytes in the file."));

    public static final Table METADATA = Table.of(
            "metadata",
            "Facts about the run: command, engine, model, host, settings. One row per fact.",
            text("name", "Dotted name, for example model.layers."),
            text("value", "The fact as text."));

    public static final Table NOT_MEASURED = Table.of(
            "not_measured",
            "What this run could not measure, and why. What stands here is unknown, not zero.",
            text("item", "The quantity, for example t_pcie_transfer."),
            text("status", "not_measured, or not_applicable where the run has no such thing."),
            text("reason", "Why, in one sentence."),
            text("how_to_record", "What would make it measurable; NULL where nothing on this machine would."));

    public static final Table IMPORT_STAT = Table.of(
            "import_stat",
            "What could not be recorded or read, counted. An empty table means that nothing was lost.",
            text("source", "File or collector."),
            text("kind", "What happened, a short identifier."),
            text("severity", "info, notice, data_loss or error."),
            integer("count", Unit.COUNT, "How often."),
            text("place", "Where it happened first; what to do about it."));

    public static final Table SCHEMA_DOC = Table.of(
            "schema_doc",
            "What every declared table, view and column of this database means.",
            text("table_name", "Table or view."),
            text("column_name", "Column; NULL in the row about the table itself."),
            text("type", "SQL type; NULL in the row about the table, and for views."),
            text("unit", "What the values count; empty for names, identifiers and flags."),
            text("doc", "Meaning, absent form, what not to conclude."));

    private static final List<Table> RECORDED = List.of(
            SCHEMA_DOC,
            TOKEN,
            TOKEN_UNPROFILED,
            OP,
            ENGINE_SPLIT,
            OBSERVED_STEP,
            EXPERT_CHOICE,
            BARRIER,
            CORE_SAMPLE,
            THREAD_SAMPLE,
            PROCESS_SAMPLE,
            PERF_COUNT,
            CEILING,
            WEIGHT_TENSOR,
            METADATA,
            NOT_MEASURED,
            IMPORT_STAT);

    private static final List<Table> ALL = Stream.of(
                    RECORDED,
                    TraceTables.all(),
                    EngineTables.all(),
                    ProbeTables.all(),
                    CostTables.all(),
                    BenchTables.all())
            .flatMap(List::stream)
            .toList();

    private Tables() {}

    public static List<Table> all() {
        return ALL;
    }

    public static Optional<Table> find(String name) {
        return ALL.stream().filter(table -> table.name().equals(name)).findFirst();
    }
}
