/// From batches to a database file: append, seal, close. Knows no analysis.
///
/// Owns: [TraceStore] and [SessionLayout] (which file of a session directory is what). May import
/// `trace` and `unit`.
@NullMarked
package dev.hourglass.core.store;

import org.jspecify.annotations.NullMarked;
