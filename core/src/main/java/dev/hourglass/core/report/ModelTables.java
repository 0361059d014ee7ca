package dev.hourglass.core.report;

import dev.hourglass.core.cost.CostRow;
import dev.hourglass.core.cost.ModelAssessment;
import dev.hourglass.core.cost.ModelAssessment.Phase;
import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.Cell;
import dev.hourglass.core.hardware.DeviceSpec;
import dev.hourglass.core.model.Convention;
import dev.hourglass.core.model.Doubt;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// What models cost, as flat tables for other programs: names carry units, numbers are whole.
public final class ModelTables {
    private static final double MICRO = 1e6;

    private ModelTables() {}

    /// One row per model with everything that the comparison knows, for other programs.
    public static Block.Table all(List<ModelAssessment> assessments) {
        return new Block.Table(
                "",
                List.of(
                        "model",
                        "architecture",
                        "prompt",
                        "context",
                        "batch",
                        "params_total",
                        "params_active",
                        "weight_bytes",
                        "kv_bytes_per_token",
                        "hf_prefill_flop",
                        "hf_decode_flop",
                        "serving_prefill_flop",
                        "serving_decode_flop",
                        "prefill_bytes",
                        "decode_bytes",
                        "memory_bytes",
                        "device",
                        "prefill_us",
                        "decode_us",
                        "max_batch",
                        "doubts",
                        "defaults_taken"),
                assessments.stream().map(ModelTables::everything).toList());
    }

    private static List<Cell> everything(ModelAssessment a) {
        return List.of(
                Cell.text(ModelReport.name(a.model())),
                Cell.text(a.model().architecture()),
                Cell.number(a.use().prompt(), Unit.NONE),
                Cell.number(a.use().context(), Unit.NONE),
                Cell.number(a.use().batch(), Unit.NONE),
                Cell.number(a.model().parameters(), Unit.NONE),
                Cell.number(a.model().activeParameters(), Unit.NONE),
                ModelReport.weights(a.model(), Unit.NONE),
                Cell.number(a.cacheBytesPerToken(), Unit.NONE),
                Cell.number(a.prefill(Convention.HF, true).total(), Unit.NONE),
                Cell.number(a.decode(Convention.HF).total(), Unit.NONE),
                Cell.number(a.prefill(Convention.SERVING, false).total(), Unit.NONE),
                Cell.number(a.decode(Convention.SERVING).total(), Unit.NONE),
                Cell.number(ModelReport.bytes(a, Phase.PREFILL), Unit.NONE),
                Cell.number(ModelReport.bytes(a, Phase.DECODE), Unit.NONE),
                Cell.number(a.footprint().total(), Unit.NONE),
                Cell.text(a.device().map(DeviceSpec::name).orElse("")),
                micros(a, Phase.PREFILL),
                micros(a, Phase.DECODE),
                a.fit().map(f -> Cell.number(f.maxBatch(), Unit.NONE)).orElse(Cell.text("")),
                Cell.text(a.model().reading().doubts().stream().map(Doubt::text).collect(Collectors.joining(" "))),
                Cell.text(a.model().reading().defaulted().entrySet().stream()
                        .map(e -> e.getKey() + " = " + e.getValue())
                        .collect(Collectors.joining("; "))));
    }

    private static Cell micros(ModelAssessment a, Phase phase) {
        return a.time(phase)
                .map(t -> Cell.number(t.seconds() * MICRO, Unit.NONE))
                .orElse(Cell.text(""));
    }

    /// Costs of both phases of one or several models, one row each, for other programs.
    public static Block.Table rows(List<ModelAssessment> assessments, Convention convention, CostRow.By by) {
        List<List<Cell>> rows = new ArrayList<>();
        for (ModelAssessment assessment : assessments) {
            for (Phase phase : Phase.values()) {
                CostRow.of(assessment, phase, convention, by).forEach(row -> {
                    List<Cell> cells = new ArrayList<>(List.of(
                            Cell.text(ModelReport.name(assessment.model())),
                            Cell.text(convention.label()),
                            Cell.text(phase.label())));
                    cells.addAll(rowCells(row));
                    rows.add(cells);
                });
            }
        }
        return new Block.Table(
                "",
                List.of(
                        "model",
                        "convention",
                        "phase",
                        by.label(),
                        "kind",
                        "operators",
                        "parameters",
                        "flop",
                        "weight_bytes",
                        "cache_read_bytes",
                        "cache_write_bytes",
                        "activation_bytes",
                        "output_bytes",
                        "least_us",
                        "limited_by"),
                rows);
    }

    private static List<Cell> rowCells(CostRow row) {
        return List.of(
                Cell.text(row.name()),
                Cell.text(row.kind()),
                Cell.number(row.operators(), Unit.NONE),
                Cell.number(row.parameters(), Unit.NONE),
                Cell.number((double) row.flops(), Unit.NONE),
                Cell.number(row.traffic().weights(), Unit.NONE),
                Cell.number(row.traffic().cacheRead(), Unit.NONE),
                Cell.number(row.traffic().cacheWrite(), Unit.NONE),
                Cell.number(row.traffic().activations(), Unit.NONE),
                Cell.number(row.outputBytes(), Unit.NONE),
                row.seconds().isPresent() ? Cell.number(row.seconds().getAsDouble() * MICRO, Unit.NONE) : Cell.text(""),
                Cell.text(row.limitedBy().orElse("")));
    }
}
