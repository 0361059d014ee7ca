/// Units, quantities, and the one formatter for everything that a person reads.
///
/// Owns: [Unit], [Quantity], [Format]. Must not import any other package of this project.
@NullMarked
package dev.hourglass.core.unit;

import org.jspecify.annotations.NullMarked;
