/// The C library's calls that Java has no equivalent for: thread affinity, loading by name.
///
/// Owns the handles and nothing else; not exported.
@NullMarked
package dev.hourglass.device.ffi.posix;

import org.jspecify.annotations.NullMarked;
