/// Measures the machine while an engine runs on it: cores, threads, processes, hardware counters,
/// barriers, and what of these a machine allows.
///
/// Owns: the collectors of the tables `core_sample`, `thread_sample`, `process_sample`, `perf_count`
/// and `barrier`; [HostInfo]; [IdleCores]; [Contention]; [Doctor]. Reads `/proc` and `/sys` through
/// [KernelFiles] only, so that a test can plant them; native calls go through `ffi`. Prints nothing.
@NullMarked
package dev.hourglass.device.collect;

import org.jspecify.annotations.NullMarked;
