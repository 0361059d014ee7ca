/// Models that nobody trained: published shapes, written as model files with random weights.
///
/// Owns: [Shapes] and [GeneratedModel]. May import `model`, `model.gguf`, `unit`. Calls nothing native.
@NullMarked
package dev.hourglass.core.model.synthetic;

import org.jspecify.annotations.NullMarked;
