/// From bytes to batches: what the readers of all formats stand on.
///
/// Owns: [FileSource] (compressed or not), [Readers] (which reader for which input), lines and numbers of
/// text ([TextInput], [TextLines], [Fields], [Decimals]), waiting for threads ([Beside]), memory that spills to
/// disk ([Scratch]), slices brought into order and nested ([SliceRuns], [SliceWriter]). Each family of
/// formats has a package of its own below this one; they never import each other. May import
/// `engine`, `text`, `trace` and `unit`.
@NullMarked
package dev.hourglass.core.read;

import org.jspecify.annotations.NullMarked;
