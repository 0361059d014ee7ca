/// What devices can do: data-sheet peaks with their sources, and the time that work takes at best.
///
/// Owns: [DeviceSpec], [DeviceTable] (data in `devices.txt`), [Roofline]. May import `unit`. Knows no
/// model and measures nothing.
@NullMarked
package dev.hourglass.core.hardware;

import org.jspecify.annotations.NullMarked;
