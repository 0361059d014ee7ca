package dev.hourglass.device.llama;

/// How steps that use a GPU are observed. Each way is a process of its own: what CUPTI changes in one cannot be
/// undone.
public enum Observing {
    /// CUPTI is not there: how fast the engine is. Every other step the scheduler is asked about its nodes, to tell
    /// what that costs.
    NOTHING("Measuring without any observer"),
    /// Calls, copies, waits, and graphs as wholes: cheap, and exact in time.
    CALLS("Measuring calls, copies, waits and graphs"),
    /// Every kernel: slower, but tells which ones.
    KERNELS("Measuring every kernel");

    private final String title;

    Observing(String title) {
        this.title = title;
    }

    /// For people.
    public String title() {
        return title;
    }
}
