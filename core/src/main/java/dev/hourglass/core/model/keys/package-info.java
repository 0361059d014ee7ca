/// Configurations of models as objects of keys, with the defaults of their families behind them and a
/// memory of what was read.
///
/// May import `model`.
@NullMarked
package dev.hourglass.core.model.keys;

import org.jspecify.annotations.NullMarked;
