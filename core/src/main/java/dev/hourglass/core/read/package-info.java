/// From bytes to batches: one reader per format, chosen by first bytes.
///
/// Owns: [FileSource] (compressed or not), [Readers] (which reader for which input), [SliceWriter]
/// (nesting of spans), and every implementation of `TraceReader`. May import `engine`, `trace` and
/// `unit`; readers of SQL formats may use `java.sql`.
@NullMarked
package dev.hourglass.core.read;

import org.jspecify.annotations.NullMarked;
