package dev.hourglass.core.report;

import dev.hourglass.core.document.Hue;
import dev.hourglass.core.trace.Component;

/// Which colour a part of T_token has, in every chart and table.
final class PartHue {
    private PartHue() {}

    /// The hue of a component key as it stands in a trace; [Hue#OTHER] for one that is not ours.
    static Hue of(String componentKey) {
        return Component.find(componentKey).map(PartHue::of).orElse(Hue.OTHER);
    }

    static Hue of(Component component) {
        return switch (component) {
            case T_ROUTING -> Hue.ROUTING;
            case T_CPU_COMPUTATION -> Hue.EXPERTS;
            case ATTENTION -> Hue.ATTENTION;
            case NORM -> Hue.NORM;
            case LM_HEAD -> Hue.HEAD;
            case EMBEDDING -> Hue.EMBEDDING;
            case SAMPLING -> Hue.SAMPLING;
            case T_SCHEDULING -> Hue.SCHEDULING;
            case T_SYNC -> Hue.SYNC;
            case T_PCIE_TRANSFER -> Hue.TRANSFER;
            case T_GPU_KERNEL_LAUNCH -> Hue.LAUNCH;
            case T_GPU_COMPUTATION -> Hue.GPU;
            case REMAINDER -> Hue.REMAINDER;
        };
    }
}
