package dev.hourglass.core.model;

import java.util.List;

/// A family of models: how to recognise it and how to build it from its keys.
///
/// @param name also the name of its defaults
/// @param modelTypes values of the key `model_type`
/// @param architecture the class that runs it
/// @param recipe from keys to layers
record Family(String name, List<String> modelTypes, String architecture, Recipe recipe) {

    /// Builds a model's layers from its keys.
    @FunctionalInterface
    interface Recipe {
        Decoder build(Keys keys);
    }

    /// The same name with another recipe.
    Family with(Recipe other) {
        return new Family(name, modelTypes, architecture, other);
    }

    Decoder build(Keys keys) {
        return recipe.build(keys);
    }
}
