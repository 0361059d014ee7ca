package dev.hourglass.core.analysis;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What limits a stage.
public enum Bound {
    /// Arithmetic on the GPU.
    COMPUTE("the GPU's arithmetic"),
    /// Bandwidth of the GPU's memory.
    MEMORY("the GPU's memory bandwidth"),
    /// The GPU is busy, and the recording cannot tell arithmetic from memory.
    DEVICE("the GPU itself"),
    /// The GPU is idle inside operator and launch calls.
    LAUNCH("the host's launches"),
    /// The GPU is idle while other code runs on the host.
    HOST("other code on the host"),
    /// Copies between host and device that nothing hides.
    TRANSFER("copies between host and GPU"),
    /// Communication between GPUs that nothing hides.
    COMMUNICATION("communication between GPUs"),
    /// Waits inside the step let the GPU's queue run dry.
    SYNC("waits of the host for the GPU"),
    /// Some wait for the one with most work.
    IMBALANCE("uneven work"),
    /// The clock is held back by power or heat.
    THROTTLE("the GPU's clock"),
    /// Code is compiled while requests wait.
    COMPILATION("compilation at the first use"),
    /// Nothing dominates.
    NONE("nothing in particular"),
    /// The recording does not say.
    UNCLEAR("something that the recording does not show");

    private final String words;

    Bound(String words) {
        this.words = words;
    }

    /// Name in tables and JSON.
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// For a sentence: the stage is limited by ….
    public String words() {
        return words;
    }

    /// Whether the GPU is at work, so that the bound is not a fault.
    public boolean busy() {
        return this == COMPUTE || this == MEMORY || this == DEVICE;
    }

    public static Optional<Bound> find(String key) {
        return Arrays.stream(values()).filter(b -> b.key().equals(key)).findFirst();
    }
}
