package dev.hourglass.core.model;

import java.util.Locale;

/// What counts as a model's work. Every printed FLOP figure says which.
public enum Convention {
    /// What the eager PyTorch model executes: the full square of attention scores (masked ones
    /// too), latent attention expanded to keys and values over the whole context, logits as asked.
    HF,
    /// What the algorithm needs: causal pairs within the window, latent attention absorbed, logits
    /// of the last position only.
    SERVING;

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
