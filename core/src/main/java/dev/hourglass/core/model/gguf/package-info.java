/// GGUF model files: what a header says, and how a file is written.
///
/// Owns: [GgmlType] (number formats), [GgufHeader] with [GgufValue] and [GgufTensor] (what is read),
/// [GgufWriter] (what is written). Imports only `trace`, for its exception.
@NullMarked
package dev.hourglass.core.model.gguf;

import org.jspecify.annotations.NullMarked;
