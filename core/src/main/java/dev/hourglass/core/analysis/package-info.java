/// From questions to answers: the analysis library (`.sql` files with a declaring head), its runner,
/// and what a decode run amounts to.
///
/// Owns: [AnalysisLibrary], [DecodeProfile] and what computes it. May import `query`, `store`,
/// `model`, `hardware`, `stat`, `trace`, `unit`. Knows nothing of how answers are shown.
@NullMarked
package dev.hourglass.core.analysis;

import org.jspecify.annotations.NullMarked;
