/// The CUDA driver's functions (`libcuda.so.1`): no toolkit is needed.
///
/// Owns: prototypes, codes and their texts. Knows nothing of what is run.
@NullMarked
package dev.hourglass.device.ffi.cuda;

import org.jspecify.annotations.NullMarked;
