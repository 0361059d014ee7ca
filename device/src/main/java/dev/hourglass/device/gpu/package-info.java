/// One NVIDIA GPU that Hourglass itself drives: its memory, its code, its graphs.
///
/// Owns: how work is brought to a GPU and timed there. Knows nothing of what is worth timing.
@NullMarked
package dev.hourglass.device.gpu;

import org.jspecify.annotations.NullMarked;
