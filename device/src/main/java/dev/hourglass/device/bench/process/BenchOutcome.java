package dev.hourglass.device.bench.process;

import dev.hourglass.device.bench.Backend;
import java.util.List;

/// How a process of benchmarks ended.
public sealed interface BenchOutcome {
    /// It did what it was asked, or as much as there was time for before it was asked to end.
    ///
    /// @param offers what the device has, if that was asked
    record Completed(List<Backend.Offer> offers) implements BenchOutcome {}

    /// It could not.
    ///
    /// @param reason in one line for the user
    record Refused(String reason) implements BenchOutcome {}

    /// It ended in the middle of its work; what it had measured before is kept.
    ///
    /// @param how it ended, and the last line of what it printed
    record Crashed(String how) implements BenchOutcome {}
}
