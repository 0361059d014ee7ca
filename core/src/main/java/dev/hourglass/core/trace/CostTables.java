package dev.hourglass.core.trace;

import static dev.hourglass.core.trace.Column.integer;
import static dev.hourglass.core.trace.Column.real;
import static dev.hourglass.core.trace.Column.text;

import dev.hourglass.core.unit.Unit;
import java.util.List;

/// What the recorded steps should have cost, by arithmetic from the model's configuration.
///
/// A shape is a step as arithmetic sees it: phase, sequences, tokens and context. Steps of one shape
/// share its rows in `op_cost`.
public final class CostTables {

    public static final Table OP_COST = Table.of(
            "op_cost",
            "What one operator of the model costs in a step of one shape, computed, not measured.",
            integer("shape", Unit.NONE, "The shape, as in step_work."),
            text("phase", "prefill or decode."),
            integer("layer", Unit.NONE, "Transformer layer from 0; NULL outside the layers."),
            text("operator", "Name of the module, without its layer."),
            text("part", "Group of operators, for example attn_proj, attn_core, routed_experts."),
            text(
                    "component",
                    "The component of a CPU decode run that contains it, a name of component_def; NULL where none does."),
            integer("flops", Unit.FLOP, "Serving convention: causal, latents absorbed, last logit only."),
            integer("hf_flops", Unit.FLOP, "What eager PyTorch executes: full square of scores, latents expanded."),
            real("weight_bytes", Unit.BYTES, "Weights read; for experts the expected distinct ones."),
            real("cache_bytes", Unit.BYTES, "Keys, values and states read and written."),
            real("activation_bytes", Unit.BYTES, "Inputs read and outputs written."),
            real("bytes", Unit.BYTES, "Sum of the three."),
            text("format", "Number format of its products, for example bf16."),
            real("compute_ns", Unit.NANOSECONDS, "FLOP over the peak of the format; NULL where no peak is known."),
            real("memory_ns", Unit.NANOSECONDS, "Bytes over the bandwidth; NULL where no bandwidth is known."),
            real("least_ns", Unit.NANOSECONDS, "The larger of the two, or the one that is known; NULL where none is."));

    public static final Table STEP_WORK = Table.of(
            "step_work",
            "A timed step of the recording with the work that was asked of it.",
            text("source", "Table of the timed step: token, step or stage."),
            integer("ref", Unit.NONE, "Its row there: token, step, or id of the stage."),
            integer("ts", Unit.NANOSECONDS, "Start on the trace clock."),
            integer("dur", Unit.NANOSECONDS, "Time in which the devices could have worked for it, as in worked_step."),
            integer(
                    "busy_ns",
                    Unit.NANOSECONDS,
                    "Time in which the GPU worked for it; of several a mean; NULL where the recording does not tell."),
            integer("devices", Unit.COUNT, "GPUs that took part; NULL is one."),
            text("phase", "prefill or decode."),
            integer("batch", Unit.COUNT, "Sequences."),
            integer("tokens", Unit.TOKENS, "New tokens per sequence."),
            integer("context", Unit.TOKENS, "Cached tokens per sequence, on average."),
            text("given", "What the recording did not tell and the user gave; empty for nothing."),
            integer("shape", Unit.NONE, "Its rows in op_cost."));

    private static final List<Table> ALL = List.of(OP_COST, STEP_WORK);

    private CostTables() {}

    static List<Table> all() {
        return ALL;
    }
}
