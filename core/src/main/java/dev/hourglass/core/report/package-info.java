/// What reports say: explanations, comparisons and model costs as documents and as JSON for programs.
///
/// Owns: [SessionReport], [ComparisonReport], [ModelReport] and what each writes for
/// programs. May import `analysis`, `cost`, `document` and what they lead to. Knows no SQL and no
/// threshold: what a figure means is decided before it comes here.
@NullMarked
package dev.hourglass.core.report;

import org.jspecify.annotations.NullMarked;
