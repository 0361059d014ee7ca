package dev.hourglass.core.report;

import dev.hourglass.core.trace.Component;
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

    /// The hue of a component key as it stands in a trace; [#OTHER] for one that is not ours.
    public static Hue of(String componentKey) {
        return Component.find(componentKey).map(Hue::of).orElse(OTHER);
    }

    public static Hue of(Component component) {
        return switch (component) {
            case T_ROUTING -> ROUTING;
            case T_CPU_COMPUTATION -> EXPERTS;
            case ATTENTION -> ATTENTION;
            case NORM -> NORM;
            case LM_HEAD -> HEAD;
            case EMBEDDING -> EMBEDDING;
            case SAMPLING -> SAMPLING;
            case T_SCHEDULING -> SCHEDULING;
            case T_SYNC -> SYNC;
            case T_PCIE_TRANSFER -> TRANSFER;
            case T_GPU_KERNEL_LAUNCH -> LAUNCH;
            case T_GPU_COMPUTATION -> GPU;
            case REMAINDER -> REMAINDER;
        };
    }

    /// The name that style sheets know it by.
    public String css() {
        return name().toLowerCase(Locale.ROOT);
    }
}
