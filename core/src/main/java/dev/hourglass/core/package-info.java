/// The door: a session, or files that become one for a moment, explained.
///
/// Owns: [Explained] (an imported timeline) and [SessionReports] (a recorded decode run). Every verb and
/// every server that explains a session comes through here. May import every package of this module;
/// none of them imports this one.
@NullMarked
package dev.hourglass.core;

import org.jspecify.annotations.NullMarked;
