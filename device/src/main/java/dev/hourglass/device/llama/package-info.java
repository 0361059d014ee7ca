/// llama.cpp as the engine that is measured: started in a process of its own, fed with a model file,
/// its decode steps timed.
///
/// Owns: the engine's process seen from the recorder ([EngineProcess], [EngineListener],
/// [EngineOutcome]) and what runs inside that process. Imports core's `trace`, `engine`, `model`; nothing of a
/// terminal
/// or a report.
@NullMarked
package dev.hourglass.device.llama;

import org.jspecify.annotations.NullMarked;
