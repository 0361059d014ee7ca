package dev.hourglass.core.model;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Whether engines would run a model spread over devices.
final class Spread {
    private final Model model;
    private final Parallel parallel;

    Spread(Model model, Parallel parallel) {
        this.model = model;
        this.parallel = parallel;
    }

    /// What engines would refuse though it can be computed.
    ///
    /// @throws ModelException if it cannot be: more stages than layers, experts spread that are not there,
    ///     heads that do not divide
    List<Doubt> doubts() {
        if (parallel.pipeline() > model.layers()) {
            throw new ModelException(
                    "--pp " + parallel.pipeline() + ": the model has " + model.layers() + " layers, fewer than stages");
        }
        if (parallel.expert() > 1 && model.experts().isEmpty()) {
            throw new ModelException("--ep " + parallel.expert() + ": the model has no experts");
        }
        model.sections().forEach(parallel::on);
        return parallel.tensor() == 1 ? List.of() : blocks();
    }

    /// Blocks and groups that share a scale and that a split would cut.
    private List<Doubt> blocks() {
        Set<String> cut = new LinkedHashSet<>();
        for (Section section : model.sections()) {
            for (Operator operator : section.operators()) {
                if (operator instanceof Operator.Linear l && l.split().side() != Split.Side.NONE) {
                    cut(section.path(l), l, (Operator.Linear) parallel.on(l), cut);
                }
            }
        }
        List<Doubt> doubts = new ArrayList<>();
        if (!cut.isEmpty()) {
            doubts.add(Doubt.mayChange("Engines refuse --tp " + parallel.tensor()
                    + ": it cuts through blocks that share a scale, in " + String.join(", ", cut) + "."));
        }
        return doubts;
    }

    private void cut(String path, Operator.Linear whole, Operator.Linear part, Set<String> cut) {
        for (Weight weight : whole.weights()) {
            WeightFormat.Block block = model.storage().block(path, weight);
            boolean rows = block.rows() > 1 && part.outputs() != whole.outputs() && part.outputs() % block.rows() != 0;
            boolean columns =
                    block.columns() > 1 && part.inputs() != whole.inputs() && part.inputs() % block.columns() != 0;
            if (rows || columns) {
                cut.add(whole.name());
            }
        }
    }
}
