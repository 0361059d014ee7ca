/// From a session to files of other tools: Perfetto, speedscope, Prometheus, Parquet, CSV.
///
/// Owns: [Exporter] and one writer per format. Asks [dev.hourglass.core.query.Session] by SQL and knows
/// no analysis. May import `query`, `store`, `trace` and `unit`.
@NullMarked
package dev.hourglass.core.export;

import org.jspecify.annotations.NullMarked;
