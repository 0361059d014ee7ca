/// Measures the machine while an engine runs on it: cores, threads, processes, hardware counters,
/// barriers.
///
/// Owns: the collectors of the tables `core_sample`, `thread_sample`, `process_sample`, `perf_count`
/// and `barrier`, and [Contention]. May import `host` and `ffi`. Prints nothing.
@NullMarked
package dev.hourglass.device.collect;

import org.jspecify.annotations.NullMarked;
