/// The ceilings and operators of an NVIDIA GPU: vendor's products of matrices, kernels of ours for the rest.
///
/// Owns: what is run and what is expected of it. The timing loop is the harness's.
@NullMarked
package dev.hourglass.device.bench.gpu;

import org.jspecify.annotations.NullMarked;
