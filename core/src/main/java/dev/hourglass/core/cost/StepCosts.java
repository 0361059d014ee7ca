package dev.hourglass.core.cost;

import dev.hourglass.core.model.Convention;
import dev.hourglass.core.model.Costing;
import dev.hourglass.core.model.Model;
import dev.hourglass.core.model.Operator;
import dev.hourglass.core.model.OperatorCost;
import dev.hourglass.core.model.Section;
import dev.hourglass.core.model.Work;
import dev.hourglass.core.query.Change;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.store.UnwritableException;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Component;
import dev.hourglass.core.trace.CostTables;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Table;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// Writes what the steps of a session should have cost into it, as the tables `op_cost` and
/// `step_work`.
public final class StepCosts {
    private final Model model;
    private final Peaks peaks;
    private final Map<Shape, Long> shapes = new LinkedHashMap<>();

    private StepCosts(Model model, Peaks peaks) {
        this.model = model;
        this.peaks = peaks;
    }

    /// A step as arithmetic sees it.
    private record Shape(ModelAssessment.Phase phase, Work work) {
        static Shape of(TimedSteps.Step step) {
            return new Shape(step.phase(), new Work(step.tokens(), step.context(), step.batch(), 1));
        }
    }

    /// Replaces the session's computed costs.
    ///
    /// @throws UnwritableException if nothing can be written to the session's directory
    public static void write(SessionLayout session, Model model, Peaks peaks, TimedSteps steps) throws IOException {
        StepCosts costs = new StepCosts(model, peaks);
        Change.of(session, () -> {}, store -> {
            empty(store);
            costs.writeSteps(steps, store);
            costs.writeShapes(store);
            return store;
        });
    }

    /// Takes computed costs out of a session again.
    public static void clear(SessionLayout session) throws IOException {
        Change.of(session, () -> {}, store -> {
            empty(store);
            return store;
        });
    }

    private static void empty(TraceStore store) {
        for (Table table : List.of(CostTables.OP_COST, CostTables.STEP_WORK)) {
            store.execute(CostQueries.ALL.text("empty", Map.of("table", table.name())));
        }
    }

    private void writeSteps(TimedSteps steps, BatchSink sink) {
        try (RowWriter rows = new RowWriter(CostTables.STEP_WORK, sink)) {
            for (TimedSteps.Step step : steps.steps()) {
                long shape = shapes.computeIfAbsent(Shape.of(step), s -> (long) shapes.size());
                step.busyNs().ifPresent(busy -> rows.set("busy_ns", busy));
                rows.set("source", steps.source())
                        .set("ref", step.ref())
                        .set("ts", step.ts())
                        .set("dur", step.dur())
                        .set("devices", step.devices())
                        .set("phase", step.phase().label())
                        .set("batch", step.batch())
                        .set("tokens", step.tokens())
                        .set("context", step.context())
                        .set("given", step.given())
                        .set("shape", shape)
                        .end();
            }
        }
    }

    private void writeShapes(BatchSink sink) {
        try (RowWriter rows = new RowWriter(CostTables.OP_COST, sink)) {
            shapes.forEach((shape, id) -> {
                for (OperatorCost cost : Costing.of(model).step(shape.work())) {
                    write(rows, shape, id, cost);
                }
            });
        }
    }

    private void write(RowWriter rows, Shape shape, long id, OperatorCost cost) {
        long flops = cost.flops(Convention.SERVING);
        double bytes = cost.traffic().total();
        OptionalDouble compute = peaks.flops(cost.compute()).stream()
                .map(peak -> flops * 1e9 / peak)
                .findFirst();
        OptionalDouble memory = peaks.bandwidth().stream()
                .map(bandwidth -> bytes * 1e9 / bandwidth)
                .findFirst();
        if (cost.section().layer() != Section.NO_LAYER) {
            rows.set("layer", cost.section().layer());
        }
        component(cost.operator()).ifPresent(component -> rows.set("component", component.key()));
        compute.ifPresent(ns -> rows.set("compute_ns", ns));
        memory.ifPresent(ns -> rows.set("memory_ns", ns));
        if (compute.isPresent() || memory.isPresent()) {
            rows.set("least_ns", Math.max(compute.orElse(0), memory.orElse(0)));
        }
        rows.set("shape", id)
                .set("phase", shape.phase().label())
                .set("operator", cost.operator().name())
                .set("part", cost.operator().group().label(cost.operator().part()))
                .set("flops", flops)
                .set("hf_flops", cost.flops(Convention.HF))
                .set("weight_bytes", cost.traffic().weights())
                .set("cache_bytes", cost.traffic().cacheRead() + cost.traffic().cacheWrite())
                .set("activation_bytes", cost.traffic().activations())
                .set("bytes", bytes)
                .set("format", cost.compute())
                .end();
    }

    /// The component of a CPU decode run that contains an operator.
    private static Optional<Component> component(Operator operator) {
        return switch (operator.group()) {
            case EMBED -> Optional.of(Component.EMBEDDING);
            case ATTN, CROSS_ATTN, LINEAR_ATTN, SSM, ROPE -> Optional.of(Component.ATTENTION);
            case NORM -> Optional.of(Component.NORM);
            case MLP, ROUTED_EXPERTS, SHARED_EXPERTS, SHARED_EXPERT_GATE -> Optional.of(Component.T_CPU_COMPUTATION);
            case ROUTER -> Optional.of(Component.T_ROUTING);
            case LM_HEAD -> Optional.of(Component.LM_HEAD);
            case CONV, VISION, OTHER -> Optional.empty();
        };
    }
}
