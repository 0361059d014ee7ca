/// CUPTI, the interface of NVIDIA's driver for profilers, as far as activity records are concerned.
///
/// Owns: the handles ([CuptiCalls]), the buffers that it fills, and the walk over what stands in them ([Cupti]).
/// What the records mean is known elsewhere.
@NullMarked
package dev.hourglass.device.ffi.cupti;

import org.jspecify.annotations.NullMarked;
