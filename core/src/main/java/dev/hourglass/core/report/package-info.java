/// What people read: a document model and its renderers (text, Markdown, JSON, HTML).
///
/// Owns: [Report] with its [Section]s, [Block]s and [Chart]s, [DecodeReport] (a decode run as such a
/// document), [DecodeSummaryJson], and one renderer per format. May import `analysis` and what it
/// leads to. Knows no SQL and no threshold: what a figure means is decided before it comes here.
///
/// Everything that stands in a report may come from a hostile trace. A renderer escapes all text for
/// its own format; the model holds it as it is.
@NullMarked
package dev.hourglass.core.report;

import org.jspecify.annotations.NullMarked;
