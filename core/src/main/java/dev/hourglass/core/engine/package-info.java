/// What each engine calls things, mapped to Hourglass's words. Mapping only.
///
/// Owns: [EngineAdapter] with one implementation per engine, [EngineMetric] (our names of what engines
/// measure about themselves), [LlamaCpp] (its graph nodes). Imports `trace` and, through it, `unit`.
@NullMarked
package dev.hourglass.core.engine;

import org.jspecify.annotations.NullMarked;
