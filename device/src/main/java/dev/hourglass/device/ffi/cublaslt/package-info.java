/// NVIDIA's matrix products (`libcublasLt.so`), as engines call them.
@NullMarked
package dev.hourglass.device.ffi.cublaslt;

import org.jspecify.annotations.NullMarked;
