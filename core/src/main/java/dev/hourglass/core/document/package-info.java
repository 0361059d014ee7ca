/// A document that people read: its model, its drawings, and one renderer per format (text, Markdown,
/// JSON, HTML).
///
/// Owns: [Report] with its [Section]s, [Block]s and [Chart]s; the plots, drawn as SVG; the renderers. May
/// import `text`, `stat` and `unit`. Knows nothing of traces, analyses or models.
///
/// Everything that stands in a document may come from a hostile trace. A renderer escapes all text for its
/// own format; the model holds it as it is.
@NullMarked
package dev.hourglass.core.document;

import org.jspecify.annotations.NullMarked;
