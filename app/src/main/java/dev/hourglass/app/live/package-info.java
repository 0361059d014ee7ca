/// A session served to a browser on this machine.
///
/// Owns: the HTTP server, the only port of the product. It listens on loopback alone.
@NullMarked
package dev.hourglass.app.live;

import org.jspecify.annotations.NullMarked;
