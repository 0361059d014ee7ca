/// OpenBLAS, where the machine has it.
///
/// Owns: handles of its product of matrices and of what it says of itself. May import nothing of ours.
@NullMarked
package dev.hourglass.device.ffi.blas;

import org.jspecify.annotations.NullMarked;
