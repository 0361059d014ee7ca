/// Models as their files hold them: configurations, weight files, GGUF, and what they declare about
/// quantised weights.
///
/// May import `model`, `model.keys`, `model.family` and `model.gguf`.
@NullMarked
package dev.hourglass.core.model.checkpoint;

import org.jspecify.annotations.NullMarked;
