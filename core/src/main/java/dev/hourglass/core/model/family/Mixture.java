package dev.hourglass.core.model.family;

import dev.hourglass.core.model.Group;
import dev.hourglass.core.model.Operator;
import dev.hourglass.core.model.Split;
import dev.hourglass.core.model.keys.Keys;
import java.util.ArrayList;
import java.util.List;

/// A router with its experts, and the shared expert beside them, as a family has them.
final class Mixture {
    private final long hidden;
    private final long experts;
    private final long chosen;
    private final long intermediate;
    private String router = "gate";
    private boolean gated = true;
    private boolean bias;
    private boolean correction;
    private String sharedName = "shared_experts";
    private long shared;
    private boolean sharedBias;
    private boolean sharedGate;
    private long latent;
    private boolean allEager;

    private Mixture(long hidden, long experts, long chosen, long intermediate) {
        this.hidden = hidden;
        this.experts = experts;
        this.chosen = chosen;
        this.intermediate = intermediate;
    }

    /// From the usual keys, with the width of an expert under `moe_intermediate_size`.
    static Mixture of(Keys k) {
        return of(k, "moe_intermediate_size");
    }

    /// @param width key of the width of an expert
    static Mixture of(Keys k, String width) {
        long experts = k.positive("num_experts");
        long chosen = k.positive("num_experts_per_tok");
        if (chosen > experts) {
            throw k.wrong("num_experts_per_tok", "at most the " + experts + " experts");
        }
        return new Mixture(k.positive("hidden_size"), experts, chosen, k.positive(width));
    }

    Mixture router(String name) {
        router = name;
        return this;
    }

    /// Experts of two matrices instead of three.
    Mixture plain() {
        gated = false;
        return this;
    }

    /// Biases of the router and of every expert.
    Mixture biased() {
        bias = true;
        return this;
    }

    /// A parameter per expert that corrects the router's choice.
    Mixture corrected() {
        correction = true;
        return this;
    }

    /// A shared expert of this width; 0 for none.
    Mixture shared(String name, long width, boolean withBias) {
        sharedName = name;
        shared = width;
        sharedBias = withBias;
        return this;
    }

    Mixture shared(long width) {
        return shared(sharedName, width, false);
    }

    Mixture sharedGate() {
        sharedGate = shared > 0;
        return this;
    }

    /// Experts see a projection to this width; 0 for none.
    Mixture latent(long width) {
        latent = width;
        return this;
    }

    /// Eager PyTorch runs every token through every expert.
    Mixture allEager() {
        allEager = true;
        return this;
    }

    List<Operator> at(String prefix) {
        List<Operator> ops = new ArrayList<>();
        ops.add(Blocks.linear(prefix + router, Group.ROUTER, hidden, experts, bias, Split.NONE));
        if (correction) {
            ops.add(new Operator.Constant(prefix + router + ".e_score_correction_bias", Group.ROUTER, experts));
        }
        long width = latent == 0 ? hidden : latent;
        if (latent > 0) {
            ops.add(Blocks.linear(prefix + "fc1_latent_proj", Group.OTHER, hidden, latent, false, Split.NONE));
        }
        ops.add(new Operator.Experts(
                prefix + "experts",
                experts,
                experts,
                chosen,
                width,
                intermediate,
                bias,
                gated,
                allEager ? experts : chosen));
        if (latent > 0) {
            ops.add(Blocks.linear(prefix + "fc2_latent_proj", Group.OTHER, latent, hidden, false, Split.NONE));
        }
        ops.addAll(sharedExpert(prefix + sharedName + "."));
        if (sharedGate) {
            ops.add(Blocks.linear(
                    prefix + "shared_expert_gate", Group.SHARED_EXPERT_GATE, hidden, 1, false, Split.NONE));
        }
        return ops;
    }

    private List<Operator> sharedExpert(String prefix) {
        return gated
                ? Blocks.gated(prefix, Group.SHARED_EXPERTS, hidden, shared, sharedBias)
                : Blocks.upDown(prefix, Group.SHARED_EXPERTS, hidden, shared, sharedBias);
    }
}
