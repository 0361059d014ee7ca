package dev.hourglass.core.model;

import java.util.List;
import java.util.Map;

/// A family of models: how to recognise it and how to build it from its keys.
///
/// @param name also the name of its defaults
/// @param modelTypes values of the key `model_type`
/// @param architecture the class that runs it
/// @param aliases other names of its keys: key to other name
/// @param recipe from keys to layers
record Family(String name, List<String> modelTypes, String architecture, Map<String, String> aliases, Recipe recipe) {

    Family(String name, List<String> modelTypes, String architecture, Recipe recipe) {
        this(name, modelTypes, architecture, Map.of(), recipe);
    }

    /// Builds a model's layers from its keys.
    @FunctionalInterface
    interface Recipe {
        Decoder build(Keys keys);
    }

    Decoder build(Keys keys) {
        return recipe.build(keys);
    }
}
