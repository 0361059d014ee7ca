package dev.hourglass.core.read.cupti;

import java.util.HashMap;
import java.util.Map;

/// What a library says of the records that it makes.
///
/// @param version of it, as `cuptiGetVersion` counts: 26 for CUDA 12.8, 130001 for 13.0
/// @param sizes bytes of a record by the number of its kind, where the library tells them; they go before those
///     known here
/// @param runtime names of the runtime's calls by their numbers
/// @param driver names of the driver's
public record ActivityFacts(
        long version, Map<Integer, Integer> sizes, Map<Integer, String> runtime, Map<Integer, String> driver) {
    public ActivityFacts {
        sizes = Map.copyOf(sizes);
        runtime = Map.copyOf(runtime);
        driver = Map.copyOf(driver);
    }

    /// What is known without its own words.
    public static ActivityFacts of(long version) {
        return new ActivityFacts(version, Map.of(), Map.of(), Map.of());
    }

    /// Bytes of a record by its kind.
    Map<Integer, Integer> allSizes() {
        Map<Integer, Integer> all = new HashMap<>(ActivityLayout.sizes(version));
        all.putAll(sizes);
        return all;
    }
}
