package dev.hourglass.device.llama;

/// How a run of the engine ended. Rows that reached the sink are valid in every case.
public sealed interface EngineOutcome {

    /// All was measured that was asked for.
    ///
    /// @param tokens profiled steps
    record Completed(int tokens) implements EngineOutcome {}

    /// Ended early, after a whole token, because [EngineProcess#stop()] was called.
    ///
    /// @param tokens profiled steps until then; may be 0
    record Stopped(int tokens) implements EngineOutcome {}

    /// The engine runs, but not with this model or these settings.
    ///
    /// @param message one line, with the library's own words
    record Refused(String message) implements EngineOutcome {}

    /// The engine's process died.
    ///
    /// @param how one line: the signal or the exit code
    /// @param tokens profiled steps until then
    /// @param logTail the last lines of the engine's log
    record Crashed(String how, int tokens, String logTail) implements EngineOutcome {}
}
