package dev.hourglass.core.engine;

import java.util.Optional;

/// One engine's vocabulary. Found by `ServiceLoader`.
public interface EngineAdapter {
    /// The engine's short name as it stands in the columns called `engine`, for example `vllm`.
    String engine();

    /// Whether a metric's name says that it is this engine's.
    boolean owns(String metric);

    /// Our word for a metric of this engine, the same over engines; empty where we have none.
    ///
    /// @param metric name without the suffix of a series (`_bucket`, `_sum`, `_count`, `_total`)
    Optional<EngineMetric> metric(String metric);
}
