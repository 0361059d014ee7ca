/// Formats that are read line by line: perf, nvidia-smi, NVML recorders, Nsight Compute's tables, logs of
/// cuBLAS, Prometheus metrics.
///
/// Owns: one reader for each. May import `read`, `text`, `trace`, `unit`; no other family of readers.
@NullMarked
package dev.hourglass.core.read.text;

import org.jspecify.annotations.NullMarked;
