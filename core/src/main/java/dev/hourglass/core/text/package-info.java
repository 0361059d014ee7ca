/// Text as others read it: JSON and CSV that programs read, text made safe for a format, words kept together,
/// columns that text takes.
///
/// Owns: [Json], [CsvLines], [Escape], [Words], [TerminalWidth]. May import `unit`.
@NullMarked
package dev.hourglass.core.text;

import org.jspecify.annotations.NullMarked;
