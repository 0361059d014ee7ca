package dev.hourglass.core.model;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/// Costs of a model's steps on one of the devices over which it is spread.
///
/// @param model what runs
/// @param parallel over which devices
/// @param cacheType in which format keys and values are kept
/// @param touched distinct experts per layer and step where they were measured; otherwise the closed
///     form stands in
public record Costing(Model model, Parallel parallel, DType cacheType, OptionalDouble touched) {
    /// Recurrent states are kept in 32 bits, whatever the cache's format.
    private static final DType STATE = DType.F32;

    public static Costing of(Model model) {
        return new Costing(model, Parallel.NONE, model.storage().cache(), OptionalDouble.empty());
    }

    /// Costs of a step of the text model, operator by operator, on a device that holds part of every
    /// layer; a pipeline's stages are counted one after the other.
    public List<OperatorCost> step(Work work) {
        return costs(model.sections().stream().map(parallel::on).toList(), onDevice(work));
    }

    /// Costs of the tower for one input of so many tokens.
    public List<OperatorCost> tower(Tower tower, long tokens) {
        return costs(tower.sections(), Tower.once(tokens));
    }

    private List<OperatorCost> costs(List<Section> sections, Work work) {
        List<OperatorCost> costs = new ArrayList<>();
        for (Section section : sections) {
            for (Operator operator : section.operators()) {
                costs.add(cost(section, operator, seen(operator, work)));
            }
        }
        return costs;
    }

    /// Sequences are spread over the groups that run attention.
    private Work onDevice(Work work) {
        return new Work(work.tokens(), work.context(), Math.ceilDiv(work.batch(), parallel.replicas()), work.logits());
    }

    /// Experts see the tokens of every group.
    private Work seen(Operator operator, Work work) {
        return operator instanceof Operator.Experts
                ? new Work(work.tokens(), work.context(), work.batch() * parallel.replicas(), work.logits())
                : work;
    }

    private OperatorCost cost(Section section, Operator operator, Work work) {
        int bits = model.storage().activations().bits();
        double out = Tokens.out(operator, work) * bits / 8;
        double activations = Tokens.in(operator, work) * bits / 8 + out;
        Traffic traffic = new Traffic(
                weights(section, operator, work), cacheRead(operator, work), cacheWrite(operator, work), activations);
        return new OperatorCost(section, operator, work, traffic, out, compute(section, operator));
    }

    private double weights(Section section, Operator operator, Work work) {
        String path = section.path(operator);
        return switch (operator) {
            case Operator.Lookup l -> rowsRead(l, work) / l.rows() * stored(path, l);
            case Operator.Experts e -> stored(path, e) / e.local() * touched(e, work.newTokens());
            case Operator.Linear l when l.scope().rows(work) == 0 -> 0;
            case Operator.Linear l when !l.owned() -> borrowed(l);
            case Operator other -> stored(path, other);
        };
    }

    /// A tied head reads the embedding's table.
    private double borrowed(Operator.Linear head) {
        Section first = model.sections().getFirst();
        Operator table = first.operators().getFirst();
        Weight rows = new Weight("weight", Group.EMBED, Weight.Kind.TABLE, 1, head.outputs(), head.inputs());
        return model.storage().bytes(first.path(table), rows);
    }

    private static double rowsRead(Operator.Lookup table, Work work) {
        return Math.min(table.rows(), work.newTokens());
    }

    /// Bytes of all weights of a section.
    public double stored(Section section) {
        return section.operators().stream()
                .mapToDouble(operator -> stored(section.path(operator), operator))
                .sum();
    }

    private double stored(String path, Operator operator) {
        return operator.weights().stream()
                .mapToDouble(weight -> model.storage().bytes(path, weight))
                .sum();
    }

    /// Distinct experts of one layer that a device reads in a step.
    public double touched(Operator.Experts experts, long tokens) {
        double all = touched.orElseGet(() -> Distinct.expected(experts.total(), experts.chosen(), tokens));
        return all * experts.local() / experts.total();
    }

    private double cacheRead(Operator operator, Work work) {
        double growing = (double) Cache.read(operator, work.context()) * work.batch() * cacheType.bits() / 8;
        double states = work.context() == 0 && !(operator instanceof Operator.CrossAttention)
                ? 0
                : fixedBytes(operator) * work.batch();
        return growing + states;
    }

    private double cacheWrite(Operator operator, Work work) {
        double growing = (double) Cache.perToken(operator) * work.newTokens() * cacheType.bits() / 8;
        boolean kept = operator instanceof Operator.CrossAttention && work.context() > 0;
        return growing + (kept ? 0 : fixedBytes(operator) * work.batch());
    }

    /// Bytes of a sequence's cache that do not grow.
    public double fixedBytes(Operator operator) {
        long recurrent = Cache.recurrent(operator);
        return (double) (Cache.fixed(operator) - recurrent) * cacheType.bits() / 8 + STATE.bytes(recurrent);
    }

    private String compute(Section section, Operator operator) {
        return operator.weights().stream()
                .filter(weight -> weight.kind() == Weight.Kind.MATRIX)
                .findFirst()
                .map(weight -> model.storage().compute(section.path(operator), weight))
                .orElseGet(() -> model.storage().activations().label());
    }
}
