/// What an unpacked archive does once before it can run.
///
/// Owns: [FirstStart]. Imports nothing else of Hourglass.
@NullMarked
package dev.hourglass.app.image;

import org.jspecify.annotations.NullMarked;
