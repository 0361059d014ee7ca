package dev.hourglass.core.report;

import dev.hourglass.core.cost.ModelAssessment;
import dev.hourglass.core.model.Model;
import dev.hourglass.core.model.ModelUse;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;

/// What of a model fits on a device, in words.
final class FitText {
    private final ModelAssessment assessment;
    private final ModelUse use;
    private final Model model;

    FitText(ModelAssessment assessment) {
        this.assessment = assessment;
        this.use = assessment.use();
        this.model = assessment.model();
    }

    String of(String device) {
        if (model.storage().unknown().isPresent()) {
            return "not known, because the bytes of the weights are not";
        }
        return assessment
                .fit()
                .map(fit -> (fit.maxBatch() == 0
                                ? "not even one sequence at " + use.context() + " tokens"
                                : "up to " + fit.maxBatch() + (fit.maxBatch() == 1 ? " sequence" : " sequences")
                                        + " at " + use.context() + " tokens, or " + longest(fit) + " with batch "
                                        + use.batch())
                        + " in " + memory(fit, device))
                .orElse("unknown: the memory of a machine with " + device + " is not in its data sheet");
    }

    private String memory(ModelAssessment.Fit fit, String device) {
        double left = fit.bytes() - fit.usable();
        return Format.value(fit.usable(), Unit.BYTES) + ", " + Format.value(assessment.memoryUtilization(), Unit.RATIO)
                + " of the " + Format.value(fit.bytes(), Unit.BYTES) + " of " + device
                + (left > 0
                        ? "; the other " + Format.value(left, Unit.BYTES) + " are for the CUDA context, CUDA graphs and"
                                + " other programs (--memory-utilization)"
                        : "; nothing is left for the CUDA context and CUDA graphs (--memory-utilization)");
    }

    private String longest(ModelAssessment.Fit fit) {
        if (fit.maxContext().isEmpty()) {
            return "any context";
        }
        long tokens = fit.maxContext().getAsLong();
        boolean beyond =
                model.positions().isPresent() && tokens > model.positions().getAsLong();
        return tokens + " tokens"
                + (beyond ? " (the model was made for " + model.positions().getAsLong() + ")" : "");
    }
}
