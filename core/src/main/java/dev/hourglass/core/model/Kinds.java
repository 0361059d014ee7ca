package dev.hourglass.core.model;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Names a layer by what it is made of: `window 1024 attention, experts`.
final class Kinds {
    private Kinds() {}

    static String of(List<Operator> operators) {
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
            case Operator.Attention a when a.window() > 0 -> "window " + a.window() + " attention";
            case Operator.Attention a -> "attention";
            case Operator.CrossAttention a -> "cross-attention";
            case Operator.LatentAttention a -> "latent attention";
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
}
