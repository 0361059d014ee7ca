package dev.hourglass.core.model;

import java.util.List;

/// How a model is spread over devices.
///
/// Tensor parallelism divides heads, feed-forward widths and the vocabulary over `tensor` devices;
/// key/value heads fewer than devices, routers, norms and latents are copied. Expert parallelism
/// spreads whole experts over `expert` devices; where those are more than `tensor`, attention runs
/// on `expert / tensor` groups with their own sequences. Pipeline parallelism gives each of
/// `pipeline` stages a stretch of layers. Vision towers and encoders are copied.
public record Parallel(long tensor, long expert, long pipeline) {
    public static final Parallel NONE = new Parallel(1, 1, 1);

    public Parallel {
        if (tensor < 1 || expert < 1 || pipeline < 1) {
            throw new ModelException("tensor, expert and pipeline parallelism are whole numbers above 0");
        }
        if (tensor % expert != 0 && expert % tensor != 0) {
            throw new ModelException(
                    "expert parallelism " + expert + " and tensor parallelism " + tensor + " do not divide each other");
        }
    }

    /// Devices of one pipeline stage.
    public long stageDevices() {
        return Math.max(tensor, expert);
    }

    public long devices() {
        return stageDevices() * pipeline;
    }

    /// Groups that run attention on different sequences.
    public long replicas() {
        return Math.max(1, expert / tensor);
    }

    /// The section as one device holds it.
    public Section on(Section section) {
        if (stageDevices() == 1) {
            return section;
        }
        return new Section(
                section.name(),
                section.layer(),
                section.kind(),
                section.operators().stream().map(this::on).toList(),
                section.shortened());
    }

    /// Stage of a section: layers are dealt out in equal stretches, what stands before them goes to
    /// the first stage, what stands behind them to the last.
    public long stage(int position, List<Section> sections) {
        long layers =
                sections.stream().filter(s -> s.layer() != Section.NO_LAYER).count();
        Section section = sections.get(position);
        if (section.layer() == Section.NO_LAYER) {
            return position == 0 ? 0 : pipeline - 1;
        }
        return section.layer() / Math.ceilDiv(layers, pipeline);
    }

    Operator on(Operator operator) {
        return switch (operator) {
            case Operator.Linear l -> on(l);
            case Operator.Attention a -> on(a);
            case Operator.CrossAttention a ->
                new Operator.CrossAttention(a.name(), part(a.name(), a.heads()), a.width(), a.source());
            case Operator.LatentExpansion e ->
                new Operator.LatentExpansion(
                        e.name(), part(e.name(), e.heads()), e.rank(), e.nopeWidth(), e.valueWidth());
            case Operator.LatentAttention a -> on(a);
            case Operator.CompressedAttention a ->
                new Operator.CompressedAttention(
                        a.name(), part(a.name(), a.heads()), a.width(), a.window(), a.every(), a.top());
            case Operator.Experts e -> on(e);
            case Operator.DeltaRule d -> on(d);
            case Operator.StateScan s -> on(s);
            case Operator.SelectiveScan s ->
                new Operator.SelectiveScan(s.name(), part(s.name(), s.inner()), s.state(), s.kernel(), s.convBias());
            case Operator.ShortConvolution c ->
                new Operator.ShortConvolution(c.name(), part(c.name(), c.width()), c.kernel(), c.bias());
            case Operator.Lookup l
            when l.group() == Group.EMBED && l.name().equals("embed_tokens") ->
                new Operator.Lookup(l.name(), l.group(), Math.ceilDiv(l.rows(), tensor), l.width());
            case Operator.Lookup l -> l;
            case Operator.Indexer i -> i;
            case Operator.Norm n -> n;
            case Operator.Product p -> p;
            case Operator.Convolution c -> c;
            case Operator.RotaryAngles r -> r;
            case Operator.Constant c -> c;
        };
    }

    private Operator on(Operator.Attention a) {
        return new Operator.Attention(
                a.name(),
                a.group(),
                part(a.name(), a.queryHeads()),
                Split.partOrCopy(a.name(), a.keyHeads(), tensor),
                a.keyWidth(),
                a.valueWidth(),
                a.reach(),
                a.sinks(),
                a.borrowed());
    }

    private Operator on(Operator.LatentAttention a) {
        return new Operator.LatentAttention(
                a.name(), part(a.name(), a.heads()), a.rank(), a.nopeWidth(), a.ropeWidth(), a.valueWidth(), a.top());
    }

    private Operator on(Operator.Experts e) {
        return new Operator.Experts(
                e.name(),
                e.total(),
                Split.part(e.name(), e.total(), expert),
                e.chosen(),
                e.hidden(),
                Split.part(e.name(), e.intermediate(), Math.max(1, tensor / expert)),
                e.bias(),
                e.gated(),
                e.eager());
    }

    private Operator on(Operator.DeltaRule d) {
        return new Operator.DeltaRule(
                d.name(),
                part(d.name(), d.keyHeads()),
                part(d.name(), d.valueHeads()),
                d.keyWidth(),
                d.valueWidth(),
                d.kernel(),
                d.decays() / d.valueHeads() * part(d.name(), d.valueHeads()));
    }

    private Operator on(Operator.StateScan s) {
        return new Operator.StateScan(
                s.name(),
                part(s.name(), s.heads()),
                s.headWidth(),
                s.state(),
                Split.partOrCopy(s.name(), s.groups(), tensor),
                s.kernel(),
                s.convBias());
    }

    private Operator on(Operator.Linear l) {
        return switch (l.split().side()) {
            case NONE -> l;
            case OUTPUTS -> sized(l, l.inputs(), divided(l, l.outputs()));
            case INPUTS -> sized(l, divided(l, l.inputs()), l.outputs());
        };
    }

    private long divided(Operator.Linear l, long features) {
        if (l.group() == Group.LM_HEAD) {
            return Math.ceilDiv(features, tensor);
        }
        return l.split().divided(l.name(), features, tensor);
    }

    private static Operator sized(Operator.Linear l, long inputs, long outputs) {
        return new Operator.Linear(
                l.name(), l.group(), l.part(), inputs, outputs, l.bias(), l.owned(), l.scope(), l.split());
    }

    private long part(String what, long units) {
        return Split.part(what, units, tensor);
    }
}
