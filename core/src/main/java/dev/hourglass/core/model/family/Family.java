package dev.hourglass.core.model.family;

import dev.hourglass.core.model.keys.Keys;
import java.util.List;

/// A family of models: how to recognise it and how to build it from its keys.
///
/// @param name also the name of its defaults
/// @param modelTypes values of the key `model_type`
/// @param architecture the class that runs it
/// @param recipe from keys to layers
public record Family(String name, List<String> modelTypes, String architecture, Recipe recipe) {

    /// Builds a model's layers from its keys.
    @FunctionalInterface
    public interface Recipe {
        Decoder build(Keys keys);
    }

    /// The same name with another recipe.
    public Family with(Recipe other) {
        return new Family(name, modelTypes, architecture, other);
    }

    public Decoder build(Keys keys) {
        return recipe.build(keys);
    }
}
