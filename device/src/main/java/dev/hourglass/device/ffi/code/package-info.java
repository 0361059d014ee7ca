/// Machine code that the process writes itself and then calls.
///
/// Owns: pages that are written first and executed afterwards, never both at once. May import
/// `ffi.posix`. Knows no instruction.
@NullMarked
package dev.hourglass.device.ffi.code;

import org.jspecify.annotations.NullMarked;
