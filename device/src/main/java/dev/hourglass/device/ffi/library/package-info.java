/// Finds shared libraries of vendors where their users have them: the one loader of all bindings.
///
/// Owns: where to look, and why nothing was found. Knows no library's functions.
@NullMarked
package dev.hourglass.device.ffi.library;

import org.jspecify.annotations.NullMarked;
