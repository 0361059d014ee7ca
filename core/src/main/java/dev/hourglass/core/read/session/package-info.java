/// Directories of tables that a profiler of engines wrote: Hourglass itself and ProfileMate.
///
/// Owns: [HourglassReader] and [ProfileMateReader]. May import `read`, `trace`, `unit`; no other family of
/// readers.
@NullMarked
package dev.hourglass.core.read.session;

import org.jspecify.annotations.NullMarked;
