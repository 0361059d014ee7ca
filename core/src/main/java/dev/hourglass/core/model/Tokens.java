package dev.hourglass.core.model;

/// Elements that operators take in and give out in a step, as arrays between operators.
final class Tokens {
    private Tokens() {}

    /// Elements read, weights and cache aside.
    static double in(Operator operator, Work work) {
        double n = work.newTokens();
        return switch (operator) {
            case Operator.Lookup l -> 0;
            case Operator.Norm r -> (double) r.scope().rows(work) * r.vectors() * r.width();
            case Operator.Constant c -> 0;
            case Operator.Linear l -> (double) l.scope().rows(work) * l.inputs();
            case Operator.Product p -> (double) p.inputs() * (p.scope().rows(work) + p.outputs());
            case Operator.Attention a ->
                n * (a.queryHeads() * a.keyWidth() + a.keyHeads() * (a.keyWidth() + a.valueWidth()));
            case Operator.CrossAttention a -> n * a.heads() * a.width();
            case Operator.LatentExpansion e -> n * e.heads() * (e.nopeWidth() + e.rank());
            case Operator.LatentAttention a -> n * (a.heads() + 1) * (a.rank() + a.ropeWidth());
            case Operator.CompressedAttention a -> n * (a.heads() + 1) * a.width();
            case Operator.Indexer i -> n * (i.heads() * (i.width() + 1) + i.width());
            case Operator.Experts e -> routed(e, n) * (e.hidden() + e.intermediate());
            case Operator.DeltaRule d -> n * (d.channels() + 2 * d.valueHeads());
            case Operator.StateScan s -> n * (s.channels() + s.heads());
            case Operator.SelectiveScan s -> n * 2 * (s.inner() + s.state());
            case Operator.ShortConvolution c -> n * c.width();
            case Operator.Convolution c -> (double) c.positions(work) * c.inputs() * c.stride();
            case Operator.RotaryAngles r -> 0;
        };
    }

    /// Elements written.
    static double out(Operator operator, Work work) {
        double n = work.newTokens();
        return switch (operator) {
            case Operator.Lookup l -> n * l.width();
            case Operator.Norm r -> in(r, work);
            case Operator.Constant c -> 0;
            case Operator.Linear l -> (double) l.scope().rows(work) * l.outputs();
            case Operator.Product p -> (double) p.scope().rows(work) * p.outputs();
            case Operator.Attention a -> n * a.queryHeads() * a.valueWidth();
            case Operator.CrossAttention a -> n * a.heads() * a.width();
            case Operator.LatentExpansion e -> n * e.heads() * (e.rank() + e.valueWidth());
            case Operator.LatentAttention a -> n * a.heads() * a.rank();
            case Operator.CompressedAttention a -> n * a.heads() * a.width();
            case Operator.Indexer i -> 0;
            case Operator.Experts e -> routed(e, n) * ((e.matrices() - 1) * e.intermediate() + e.hidden());
            case Operator.DeltaRule d -> n * d.valueHeads() * d.valueWidth();
            case Operator.StateScan s -> n * s.inner();
            case Operator.SelectiveScan s -> n * s.inner();
            case Operator.ShortConvolution c -> n * c.width();
            case Operator.Convolution c -> (double) c.positions(work) * c.outputs();
            case Operator.RotaryAngles r -> 2.0 * work.tokens() * r.width();
        };
    }

    /// Rows that the device's experts compute, on average.
    private static double routed(Operator.Experts e, double tokens) {
        return tokens * e.chosen() * e.local() / e.total();
    }
}
