/// llama.cpp's shared libraries through `java.lang.foreign`.
///
/// Owns four things, each in a class of its own: loading ([LlamaLoader]), the handles of the C
/// functions ([LlamaBindings]), struct layouts ([LlamaLayouts]), and the lifetime of a loaded model
/// ([LlamaModel], [LlamaContext]). Not exported. Imports no package of Hourglass.
@NullMarked
package dev.hourglass.device.ffi.llama;

import org.jspecify.annotations.NullMarked;
