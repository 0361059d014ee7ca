package dev.hourglass.core.model;

import java.util.List;

/// A stretch of a model: one layer, or what stands before or behind the layers.
///
/// @param name dotted module name: `model.layers.3`
/// @param layer index from 0, or -1 outside the layers
/// @param kind what its layers are made of, for people: `attention, experts`
/// @param shortened whether eager PyTorch runs it for the last token alone where only that one's
///     logits are asked for, because it keeps no keys and values
public record Section(String name, int layer, String kind, List<Operator> operators, boolean shortened) {
    /// Outside the layers.
    public static final int NO_LAYER = -1;

    public Section {
        operators = List.copyOf(operators);
    }

    public Section(String name, int layer, String kind, List<Operator> operators) {
        this(name, layer, kind, operators, false);
    }

    public static Section outside(String name, String kind, List<Operator> operators) {
        return new Section(name, NO_LAYER, kind, operators);
    }

    /// The dotted name of one of its operators.
    public String path(Operator operator) {
        return name.isEmpty() ? operator.name() : name + "." + operator.name();
    }

    public long parameters() {
        return operators.stream().mapToLong(Operator::parameters).reduce(0, Math::addExact);
    }
}
