/// The kernel's `perf_event_open`: attributes, counters, ring buffers.
///
/// Owns the layouts of `linux/perf_event.h` and the system calls around them; not exported. Knows
/// nothing of engines or tables.
@NullMarked
package dev.hourglass.device.ffi.perf;

import org.jspecify.annotations.NullMarked;
