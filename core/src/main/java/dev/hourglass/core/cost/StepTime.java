package dev.hourglass.core.cost;

import dev.hourglass.core.hardware.Roofline;
import dev.hourglass.core.model.Convention;
import dev.hourglass.core.model.OperatorCost;
import java.util.List;

/// The least time of a step on a device: the sum over its operators of the larger of arithmetic and
/// transfer. Launches, synchronisation and communication between devices are not in it.
///
/// @param compute seconds in operators that arithmetic limits
/// @param memory seconds in operators that transfer limits
public record StepTime(double compute, double memory) {

    public static StepTime of(List<OperatorCost> costs, Roofline roofline) {
        double compute = 0;
        double memory = 0;
        for (OperatorCost cost : costs) {
            Roofline.Time time = of(cost, roofline);
            if (time.memoryBound()) {
                memory += time.seconds();
            } else {
                compute += time.seconds();
            }
        }
        return new StepTime(compute, memory);
    }

    /// The least time of one operator.
    public static Roofline.Time of(OperatorCost cost, Roofline roofline) {
        return roofline.time(
                (double) cost.flops(Convention.SERVING), cost.traffic().total(), cost.compute());
    }

    public double seconds() {
        return compute + memory;
    }

    /// What takes the greater part of it: `memory` or `compute`.
    public String limitedBy() {
        return memory > compute ? "memory" : "compute";
    }
}
