/// What can be said of samples: quantiles, tests, intervals. One definition of each for all of Hourglass.
///
/// Owns: [Quantile], [Statistic], [Samples], [Shift], [Drift], [PairedShift]. May import `unit`. Knows nothing of
/// where samples come from. Distributions and order statistics are Apache Commons Statistics'; what it lacks
/// (dependence of neighbours, Hodges–Lehmann interval) is here, with its reason.
@NullMarked
package dev.hourglass.core.stat;

import org.jspecify.annotations.NullMarked;
