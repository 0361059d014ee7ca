package dev.hourglass.core.model;

import java.util.HashSet;
import java.util.Set;

/// Which layers of a Qwen mixture have experts: each `step`-th, but for those listed as dense.
record Sparse(long step, Set<Long> dense, long intermediate) {
    static Sparse of(Keys k) {
        return new Sparse(
                k.positive("decoder_sparse_step", 1),
                new HashSet<>(k.counts("mlp_only_layers")),
                k.positive("intermediate_size"));
    }

    Decoder.PerLayer feed(Decoder decoder, Blocks.Mixture mixture) {
        return layer -> (layer + 1) % step == 0 && !dense.contains((long) layer)
                ? mixture.operators(Decoder.FEED)
                : decoder.gated(intermediate, false);
    }
}
