/// What the machine is: processors, caches, memory, limits of control groups, idle cores, mapped files.
///
/// Owns: [HostInfo], [MemoryLayers], [IdleCores] and the files of the kernel behind them ([KernelFiles], so
/// that a test can plant them). May import `ffi.posix` and core's `trace`, `unit`. Prints nothing.
@NullMarked
package dev.hourglass.device.host;

import org.jspecify.annotations.NullMarked;
