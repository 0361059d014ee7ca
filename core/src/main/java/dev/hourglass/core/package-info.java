/// The facade: what needs several packages at once.
///
/// Owns: [TraceImport], from inputs to a session's database. May import every package of this module.
@NullMarked
package dev.hourglass.core;

import org.jspecify.annotations.NullMarked;
