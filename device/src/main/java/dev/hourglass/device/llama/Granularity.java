package dev.hourglass.device.llama;

/// How finely the engine's decode step is timed.
public enum Granularity {
    /// Every node of the compute graph on its own. The engine computes node by node then.
    NODE,
    /// Runs of nodes of one component of one layer, with the norm before them: fewer stops, the engine's own
    /// fusion inside a run.
    STAGE
}
