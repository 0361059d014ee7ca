/// From inputs to one session's database on one clock.
///
/// Owns: [TraceImport]; which files are read and which are known already ([SessionInputs]); how clocks of
/// several sources are brought together; databases that begin as a copy ([EmptyDatabase]);
/// [OriginalTrace]. May import `read`, `query`, `stat`, `store`, `text` and what they lead to. Knows no format.
@NullMarked
package dev.hourglass.core.ingest;

import org.jspecify.annotations.NullMarked;
