/// What each engine calls things, mapped to Hourglass's words. Mapping only.
///
/// Owns: [LlamaCpp]. Imports `trace` and, through it, `unit`.
@NullMarked
package dev.hourglass.core.engine;

import org.jspecify.annotations.NullMarked;
