/// Benchmarks as the command line knows them: what is asked for, what is kept, how it is shown.
///
/// Owns: the ceilings that are kept for this machine, ranges of shapes, shapes of a model, tables and documents of
/// results. Opens no terminal.
@NullMarked
package dev.hourglass.app.bench;

import org.jspecify.annotations.NullMarked;
