/// Traces in Chrome's JSON format: PyTorch's profiler, vLLM, SGLang, RTP-LLM, JAX and others.
///
/// Owns: [ChromeTraceReader] and its road from bytes to rows, in parallel where a file is long. May
/// import `read`, `engine`, `trace`, `unit`; no other family of readers.
@NullMarked
package dev.hourglass.core.read.chrome;

import org.jspecify.annotations.NullMarked;
