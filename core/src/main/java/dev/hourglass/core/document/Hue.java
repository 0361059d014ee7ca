package dev.hourglass.core.document;

import java.util.Locale;

/// A colour by its meaning. The same meaning has the same colour in every chart and table; which
/// colour that is, is the style sheet's business.
public enum Hue {
    ROUTING,
    EXPERTS,
    ATTENTION,
    NORM,
    HEAD,
    EMBEDDING,
    SAMPLING,
    SCHEDULING,
    SYNC,
    TRANSFER,
    LAUNCH,
    GPU,
    REMAINDER,
    /// Steps with per-node timing.
    PROFILED,
    /// Steps without.
    UNPROFILED,
    /// A layer as a whole.
    LAYER,
    /// Use of a processor.
    BUSY,
    /// Something that the colour system has no meaning for.
    OTHER;

    /// The name that style sheets know it by.
    public String css() {
        return name().toLowerCase(Locale.ROOT);
    }
}
