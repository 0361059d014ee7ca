package dev.hourglass.core.placement;

import java.util.Arrays;
import java.util.Optional;

/// What decides which experts are in the GPU's memory.
public enum CachePolicy {
    /// Those that are chosen most often over the whole run, whatever their layer, and always these.
    PIN("pin", true),
    /// Of each layer as many, those that are chosen most often in it, and always these.
    EVEN("even", true),
    /// All of some layers, the last ones, and always these.
    LAYERS("layers", true),
    /// Whatever was used last: what is missing is copied, and what was not used for longest makes room.
    LRU("lru", false),
    /// What was used least often since it came makes room; of several, what was not used for longest.
    LFU("lfu", false),
    /// What is used next at the latest time makes room, or is not kept at all. Needs to know the future: no policy
    /// hits more.
    BELADY("belady", false);

    private final String word;
    private final boolean fixed;

    CachePolicy(String word, boolean fixed) {
        this.word = word;
        this.fixed = fixed;
    }

    /// As it is typed.
    public String word() {
        return word;
    }

    /// Whether experts stay where they are: what is not in the GPU's memory is computed on the CPU. Otherwise it is
    /// copied.
    public boolean fixed() {
        return fixed;
    }

    public static Optional<CachePolicy> find(String word) {
        return Arrays.stream(values()).filter(p -> p.word.equals(word)).findFirst();
    }
}
