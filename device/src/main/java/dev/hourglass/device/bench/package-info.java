/// Measures what the machine can do at best: the ceilings against which a run is judged.
///
/// Owns: the benchmarks behind the table `ceiling`. They load the machine, so they run before or
/// after the measured phase, never beside it.
@NullMarked
package dev.hourglass.device.bench;

import org.jspecify.annotations.NullMarked;
