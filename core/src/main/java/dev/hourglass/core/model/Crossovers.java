package dev.hourglass.core.model;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// At which context the work of attention that is not full stops growing, or falls below that of full
/// attention.
public final class Crossovers {
    private Crossovers() {}

    /// One sentence per kind of attention that a model has, in the order of its layers.
    public static List<String> of(Model model) {
        Set<String> told = new LinkedHashSet<>();
        for (Section section : model.sections()) {
            Optional<Operator.Indexer> indexer = section.operators().stream()
                    .filter(Operator.Indexer.class::isInstance)
                    .map(Operator.Indexer.class::cast)
                    .findFirst();
            section.operators().stream()
                    .flatMap(operator -> told(operator, indexer))
                    .forEach(told::add);
        }
        return List.copyOf(told);
    }

    private static Stream<String> told(Operator operator, Optional<Operator.Indexer> indexer) {
        return switch (operator) {
            case Operator.Attention a -> reach(a.reach());
            case Operator.LatentAttention a
            when a.top() > 0 ->
                Stream.of("Attention to the best " + a.top() + " stops growing at " + a.top() + " tokens; "
                        + indexed(a, indexer));
            case Operator.CompressedAttention a -> compressed(a);
            case Operator.DeltaRule d ->
                Stream.of("Linear attention costs what full attention of its heads costs at "
                        + Math.ceilDiv(4 * d.keyWidth() * d.valueWidth(), d.keyWidth() + d.valueWidth())
                        + " tokens, and does not grow.");
            case Operator.StateScan s -> Stream.of("A state-space scan costs the same at any context.");
            case Operator.SelectiveScan s -> Stream.of("A selective scan costs the same at any context.");
            default -> Stream.empty();
        };
    }

    private static Stream<String> reach(Reach reach) {
        return switch (reach) {
            case Reach.Window(long tokens) ->
                Stream.of("Window " + tokens + " attention stops growing at " + tokens + " tokens.");
            case Reach.Chunk(long tokens) ->
                Stream.of("Chunk " + tokens + " attention begins again every " + tokens + " tokens.");
            case Reach.All a -> Stream.empty();
            case Reach.Both b -> Stream.empty();
            case Reach.Tile t -> Stream.empty();
        };
    }

    /// Scores of the indexer grow with the context; with the attention that they leave they cost less than
    /// full attention from some context on.
    private static String indexed(Operator.LatentAttention a, Optional<Operator.Indexer> indexer) {
        long full = a.heads() * (2 * a.rank() + a.ropeWidth());
        long score = indexer.map(i -> i.heads() * (i.width() + i.joined())).orElse(0L);
        return full > score
                ? "with its indexer it costs less than full attention from "
                        + Math.ceilDiv(full * a.top(), full - score) + " tokens on."
                : "its indexer alone costs more than full attention.";
    }

    private static Stream<String> compressed(Operator.CompressedAttention a) {
        String window = "Window " + a.window() + " attention stops growing at " + a.window() + " tokens";
        if (a.every() == 0) {
            return Stream.of(window + ".");
        }
        String entries = "; entries of " + a.every() + " tokens "
                + (a.top() == 0
                        ? "grow by one every " + a.every() + " tokens"
                        : "stop growing at " + Math.multiplyExact(a.top(), a.every()) + " tokens");
        return Stream.of(window + entries + ".");
    }
}
