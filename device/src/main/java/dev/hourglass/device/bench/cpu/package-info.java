/// The processor as a device that benchmarks run on.
///
/// Owns: programs in machine code that reach its limits, plain Java kernels of the operators, the team of threads
/// that runs both. May import `bench`, `host`, `ffi.code`, `ffi.posix`, `ffi.blas`.
@NullMarked
package dev.hourglass.device.bench.cpu;

import org.jspecify.annotations.NullMarked;
