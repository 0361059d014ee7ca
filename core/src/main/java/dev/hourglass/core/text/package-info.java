/// Text as others read it: JSON that programs read, text made safe for a format, words kept together.
///
/// Owns: [Json], [Escape], [Words]. May import `unit`.
@NullMarked
package dev.hourglass.core.text;

import org.jspecify.annotations.NullMarked;
