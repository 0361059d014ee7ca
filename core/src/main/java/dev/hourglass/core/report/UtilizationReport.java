package dev.hourglass.core.report;

import dev.hourglass.core.analysis.AnalysisLibrary;
import dev.hourglass.core.cost.Peaks;
import dev.hourglass.core.cost.TimedSteps;
import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.Cell;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// MFU and MBU of a session, phase by phase, with what stands behind them.
public final class UtilizationReport {
    private static final List<String> RATIOS = List.of("mfu", "mbu", "attainment", "mfu_busy", "mbu_busy");

    private UtilizationReport() {}

    /// The first ratio above 1 with what that means; empty where all are possible.
    public static Optional<String> impossible(Session session) {
        Rows rows = AnalysisLibrary.run(session, "mfu/phase");
        for (int r = 0; r < rows.size(); r++) {
            for (String ratio : RATIOS) {
                double value = rows.real(r, ratio).orElse(0);
                if (value > Peaks.POSSIBLE_SHARE) {
                    return Optional.of(rows.text(r, "phase", "") + ": " + ratio + " would be "
                            + Format.value(value, Unit.RATIO)
                            + ", and nothing exceeds its peak: the model, the device, or the batch, prompt and context"
                            + " are not those of the recording, or its step times do not cover the work");
                }
            }
        }
        return Optional.empty();
    }

    /// Tables for people.
    public static List<Block> blocks(Session session, Peaks peaks, TimedSteps steps) {
        List<Block> blocks = new ArrayList<>();
        Rows phases = AnalysisLibrary.run(session, "mfu/phase");
        blocks.add(phases(phases));
        blocks.add(new Block.Prose(""));
        blocks.add(new Block.Facts(facts(phases, peaks, steps)));
        blocks.add(parts(AnalysisLibrary.run(session, "mfu/part"), leastOf(peaks, phases)));
        if (steps.source().equals("token")) {
            blocks.add(components(AnalysisLibrary.run(session, "mfu/component")));
        }
        blocks.add(new Block.Prose("SQL: tables op_cost and step_work now hold this; see `hourglass sql`."));
        return blocks;
    }

    private static List<Block.Fact> facts(Rows phases, Peaks peaks, TimedSteps steps) {
        List<Block.Fact> facts = new ArrayList<>();
        facts.add(
                new Block.Fact("numerator", "algorithmic: causal, latents absorbed, last logit, chosen experts only"));
        facts.add(new Block.Fact("denominator", denominator(steps.source())));
        facts.add(new Block.Fact("peak FLOP/s", peaks.flopsSource(formats(phases))));
        facts.add(new Block.Fact("bandwidth", peaks.bandwidthSource()));
        if (steps.uncached() > 0) {
            facts.add(new Block.Fact(
                    "not told",
                    "how much of the prompts of " + steps.uncached() + " prefill steps was cached: counted as none"));
        }
        if (steps.mixed() > 0) {
            facts.add(new Block.Fact("left out", steps.mixed() + " steps that prefill and decode at once"));
        }
        if (!steps.missing().isEmpty()) {
            facts.add(new Block.Fact(
                    "left out", "what the recording does not tell: " + String.join(", ", steps.missing())));
        }
        return facts;
    }

    private static String denominator(String source) {
        return switch (source) {
            case "stage" ->
                "time of the steps as the report judges them, the first of the recording left out where there are"
                        + " others, times the GPUs that took part; *_busy: time in which these were busy";
            case "token" -> "T_token of the profiled steps";
            default -> "time of the rows of " + source + "; *_busy: GPU-busy time";
        };
    }

    private static List<String> formats(Rows phases) {
        Set<String> formats = new LinkedHashSet<>();
        for (int r = 0; r < phases.size(); r++) {
            formats.addAll(List.of(phases.text(r, "formats", "bf16").split(", ")));
        }
        return List.copyOf(formats);
    }

    /// What the least times are of, where one of the two peaks is not known.
    private static String leastOf(Peaks peaks, Rows phases) {
        boolean flops = formats(phases).stream().allMatch(f -> peaks.flops(f).isPresent());
        return flops && peaks.bandwidth().isPresent()
                ? ""
                : flops
                        ? " From arithmetic alone: no bandwidth is known."
                        : " From bytes alone: no peak of arithmetic is known.";
    }

    private static Block phases(Rows rows) {
        List<List<Cell>> cells = new ArrayList<>();
        for (int r = 0; r < rows.size(); r++) {
            cells.add(List.of(
                    Cell.text(rows.text(r, "phase", "")),
                    value(rows, r, "steps", Unit.COUNT),
                    value(rows, r, "step_ns", Unit.NANOSECONDS),
                    value(rows, r, "flops", Unit.FLOP),
                    value(rows, r, "bytes", Unit.BYTES),
                    value(rows, r, "mfu", Unit.RATIO),
                    value(rows, r, "mbu", Unit.RATIO),
                    value(rows, r, "attainment", Unit.RATIO),
                    value(rows, r, "mfu_busy", Unit.RATIO),
                    value(rows, r, "mbu_busy", Unit.RATIO)));
        }
        return new Block.Table(
                "",
                List.of("phase", "steps", "step", "FLOP", "bytes", "MFU", "MBU", "attained", "MFU busy", "MBU busy"),
                cells);
    }

    private static Block parts(Rows rows, String remark) {
        List<List<Cell>> cells = new ArrayList<>();
        for (int r = 0; r < rows.size(); r++) {
            cells.add(List.of(
                    Cell.text(rows.text(r, "phase", "")),
                    Cell.text(rows.text(r, "part", "")),
                    value(rows, r, "flops", Unit.FLOP),
                    value(rows, r, "bytes", Unit.BYTES),
                    value(rows, r, "least_ns", Unit.NANOSECONDS),
                    value(rows, r, "share", Unit.RATIO)));
        }
        return new Block.Table(
                "The least time of a step, part by part." + remark,
                List.of("phase", "part", "FLOP", "bytes", "least", "share"),
                cells);
    }

    private static Block components(Rows rows) {
        List<List<Cell>> cells = new ArrayList<>();
        for (int r = 0; r < rows.size(); r++) {
            cells.add(List.of(
                    Cell.text(rows.text(r, "component", "")),
                    value(rows, r, "measured_ns", Unit.NANOSECONDS),
                    value(rows, r, "least_ns", Unit.NANOSECONDS),
                    value(rows, r, "attainment", Unit.RATIO)));
        }
        return new Block.Table(
                "Measured components against their least time.",
                List.of("component", "measured", "least", "attained"),
                cells);
    }

    private static Cell value(Rows rows, int row, String column, Unit unit) {
        return rows.real(row, column).isPresent()
                ? Cell.number(rows.real(row, column).getAsDouble(), unit)
                : Cell.text("unknown");
    }
}
