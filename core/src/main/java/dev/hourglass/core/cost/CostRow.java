package dev.hourglass.core.cost;

import dev.hourglass.core.hardware.Roofline;
import dev.hourglass.core.model.Convention;
import dev.hourglass.core.model.Operator;
import dev.hourglass.core.model.OperatorCost;
import dev.hourglass.core.model.Section;
import dev.hourglass.core.model.Traffic;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// What a group, a layer or an operator costs in a step.
///
/// @param name of the group, the layer or the operator
/// @param kind what a layer is made of; the group of an operator; empty for a group
/// @param layer index from 0, or -1 outside the layers and for a sum over layers
/// @param operators how many operators are summed
/// @param parameters that belong to it
/// @param flops in the convention asked for
/// @param traffic bytes moved
/// @param outputBytes of activations given out
/// @param seconds at best on the device; empty without one
/// @param memorySeconds of these, in operators that transfer limits
public record CostRow(
        String name,
        String kind,
        int layer,
        long operators,
        long parameters,
        long flops,
        Traffic traffic,
        double outputBytes,
        OptionalDouble seconds,
        OptionalDouble memorySeconds) {

    /// What rows stand for.
    public enum By {
        GROUP,
        LAYER,
        OPERATOR;

        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// The rows of a step of the whole model, in the order of execution.
    public static List<CostRow> of(
            ModelAssessment assessment, ModelAssessment.Phase phase, Convention convention, By by) {
        Optional<Roofline> roofline = assessment
                .device()
                .filter(d -> assessment.model().storage().unknown().isEmpty())
                .map(Roofline::new);
        Map<String, CostRow> rows = new LinkedHashMap<>();
        for (OperatorCost cost : assessment.costs(phase)) {
            CostRow row = of(cost, convention, roofline, by);
            rows.merge(key(row, by), row, CostRow::plus);
        }
        return List.copyOf(rows.values());
    }

    /// Neighbouring rows of layers that cost the same, as one: `0-2`.
    public static List<CostRow> collapsed(List<CostRow> rows) {
        List<CostRow> kept = new ArrayList<>();
        int from = 0;
        for (int i = 1; i <= rows.size(); i++) {
            if (i == rows.size() || !rows.get(i).alike(rows.get(from))) {
                CostRow first = rows.get(from);
                kept.add(i - from == 1 ? first : first.named(first.name + " to " + rows.get(i - 1).name));
                from = i;
            }
        }
        return kept;
    }

    /// FLOPs per byte.
    public double intensity() {
        return traffic.total() == 0 ? 0 : flops / traffic.total();
    }

    /// What takes the greater part of its time.
    public Optional<String> limitedBy() {
        return seconds.isEmpty() || seconds.getAsDouble() == 0
                ? Optional.empty()
                : Optional.of(memorySeconds.orElse(0) * 2 > seconds.getAsDouble() ? "memory" : "compute");
    }

    private static CostRow of(OperatorCost cost, Convention convention, Optional<Roofline> roofline, By by) {
        Operator operator = cost.operator();
        Section section = cost.section();
        Optional<Roofline.Time> time = roofline.map(r -> StepTime.of(cost, r));
        boolean layered = section.layer() != Section.NO_LAYER;
        return new CostRow(
                switch (by) {
                    case GROUP -> operator.group().label(operator.part());
                    case LAYER -> layered ? Integer.toString(section.layer()) : section.kind();
                    case OPERATOR -> operator.name();
                },
                switch (by) {
                    case GROUP -> "";
                    case LAYER -> layered ? section.kind() : "";
                    case OPERATOR -> operator.group().label(operator.part());
                },
                by == By.GROUP ? Section.NO_LAYER : section.layer(),
                1,
                operator.parameters(),
                cost.flops(convention),
                cost.traffic(),
                cost.outputBytes(),
                time.map(t -> OptionalDouble.of(t.seconds())).orElse(OptionalDouble.empty()),
                time.map(t -> OptionalDouble.of(t.memoryBound() ? t.seconds() : 0))
                        .orElse(OptionalDouble.empty()));
    }

    /// Operators of one name are one row, whatever the layer.
    private static String key(CostRow row, By by) {
        return switch (by) {
            case GROUP, LAYER -> row.name;
            case OPERATOR -> row.name + " " + row.kind;
        };
    }

    private CostRow plus(CostRow other) {
        return new CostRow(
                name,
                kind,
                layer == other.layer ? layer : Section.NO_LAYER,
                operators + other.operators,
                Math.addExact(parameters, other.parameters),
                Math.addExact(flops, other.flops),
                traffic.plus(other.traffic),
                outputBytes + other.outputBytes,
                sum(seconds, other.seconds),
                sum(memorySeconds, other.memorySeconds));
    }

    private static OptionalDouble sum(OptionalDouble a, OptionalDouble b) {
        return a.isPresent() && b.isPresent() ? OptionalDouble.of(a.getAsDouble() + b.getAsDouble()) : a;
    }

    private boolean alike(CostRow other) {
        return layer != Section.NO_LAYER
                && other.layer != Section.NO_LAYER
                && kind.equals(other.kind)
                && parameters == other.parameters
                && flops == other.flops
                && traffic.equals(other.traffic);
    }

    private CostRow named(String range) {
        return new CostRow(
                range, kind, layer, operators, parameters, flops, traffic, outputBytes, seconds, memorySeconds);
    }
}
