/// The vocabulary of a trace: which tables there are, what their columns mean, and how rows travel.
///
/// Owns: [Table], [Column], [Tables] (every declared table), [EventBatch] and [RowWriter] (rows in
/// flight), [BatchSink] (where they go), [BatchCodec] (rows between processes), [Source], [ImportContext]
/// and [ImportStats] (what an import shares with its readers), and the contracts
/// [TraceReader] and [Collector]. Imports only `unit`.
@NullMarked
package dev.hourglass.core.trace;

import org.jspecify.annotations.NullMarked;
