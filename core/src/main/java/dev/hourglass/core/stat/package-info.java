/// What can be said of samples: quantiles, tests, intervals. One definition of each for all of Hourglass.
///
/// Owns: [Quantile], [Statistic], [Samples], [Shift], [PairedShift]. May import `unit`. Knows nothing of
/// where samples come from. Tests and order statistics are Apache Commons Statistics'; what it lacks
/// (moving-block bootstrap, Hodges–Lehmann interval) is here, with its reason.
@NullMarked
package dev.hourglass.core.stat;

import org.jspecify.annotations.NullMarked;
