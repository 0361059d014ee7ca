package dev.hourglass.core.model;

import java.util.Locale;

/// What part of a model an operator and its weights belong to.
public enum Group {
    /// Token embeddings and position tables; a tied head counts here.
    EMBED,
    ATTN,
    /// A decoder's attention over an encoder's output.
    CROSS_ATTN,
    /// Every norm of the text model, those on queries and keys and inside linear attention included.
    NORM,
    MLP,
    ROUTED_EXPERTS,
    SHARED_EXPERTS,
    SHARED_EXPERT_GATE,
    ROUTER,
    LINEAR_ATTN,
    /// State-space layers.
    SSM,
    /// The convolutions with which an encoder begins, and short convolutions in place of attention.
    CONV,
    /// A whole vision tower with its projector, its norms and position tables included.
    VISION,
    LM_HEAD,
    /// Angles of the rotary embedding; no parameters.
    ROPE,
    OTHER;

    /// Which part of a group an operator's FLOPs are: attention-like groups tell projections from
    /// the core.
    public enum Part {
        WHOLE(""),
        PROJ("_proj"),
        CORE("_core");

        private final String suffix;

        Part(String suffix) {
            this.suffix = suffix;
        }
    }

    /// The name in tables and JSON: `routed_experts`.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The name under which FLOPs are summed: `attn_core`, `mlp`.
    public String label(Part part) {
        return label() + (splits() ? part.suffix : "");
    }

    private boolean splits() {
        return this == ATTN || this == CROSS_ATTN || this == LINEAR_ATTN || this == SSM || this == CONV;
    }
}
