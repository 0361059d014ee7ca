/// Input that nobody recorded, for every reader and parser: recordings and models, damaged by rules and chance.
@NullMarked
package dev.hourglass.core.fuzz;

import org.jspecify.annotations.NullMarked;
