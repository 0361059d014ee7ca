package dev.hourglass.core.model;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Names a layer by what it is made of: `window 1024 attention, experts`.
public final class Kinds {
    private Kinds() {}

    public static String of(List<Operator> operators) {
        Set<String> parts = new LinkedHashSet<>();
        for (Operator operator : operators) {
            String part = part(operator);
            if (!part.isEmpty()) {
                parts.add(part);
            }
        }
        return String.join(", ", parts);
    }

    private static String part(Operator operator) {
        return switch (operator) {
            case Operator.Attention a -> attention(a.reach());
            case Operator.CrossAttention a -> "cross-attention";
            case Operator.LatentAttention a when a.top() > 0 -> "latent attention to the best " + a.top();
            case Operator.LatentAttention a -> "latent attention";
            case Operator.CompressedAttention a -> compressed(a);
            case Operator.Indexer i -> "";
            case Operator.SelectiveScan s -> "selective scan";
            case Operator.ShortConvolution c -> "short convolution";
            case Operator.DeltaRule d -> "linear attention";
            case Operator.StateScan s -> "state-space scan";
            case Operator.Experts e -> "experts";
            case Operator.Linear l when l.group() == Group.MLP -> "mlp";
            case Operator.Linear l -> "";
            case Operator.Lookup l -> "";
            case Operator.Norm n -> "";
            case Operator.LatentExpansion e -> "";
            case Operator.Convolution c -> "";
            case Operator.Product p -> "";
            case Operator.RotaryAngles r -> "";
            case Operator.Constant c -> "";
        };
    }

    private static String attention(Reach reach) {
        return switch (reach) {
            case Reach.All() -> "attention";
            case Reach.Window(long tokens) -> "window " + tokens + " attention";
            case Reach.Chunk(long tokens) -> "chunk " + tokens + " attention";
            case Reach.Both(long tokens) when tokens > 0 -> "attention to " + tokens + " on both sides";
            case Reach.Both b -> "attention to both sides";
            case Reach.Tile(long tokens) -> "attention in tiles of " + tokens;
        };
    }

    private static String compressed(Operator.CompressedAttention a) {
        String window = "window " + a.window() + " attention";
        return a.every() == 0
                ? window
                : window + " and " + (a.top() > 0 ? "the best " + a.top() + " entries" : "entries") + " of "
                        + a.every();
    }
}
