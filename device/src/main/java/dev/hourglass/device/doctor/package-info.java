/// What can be captured on this machine, what not, why, and how to enable it.
///
/// Owns: [Doctor] and its [Check]s. May import `host`, `collect` and `ffi`. Prints nothing.
@NullMarked
package dev.hourglass.device.doctor;

import org.jspecify.annotations.NullMarked;
