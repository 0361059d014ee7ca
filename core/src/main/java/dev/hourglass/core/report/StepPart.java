package dev.hourglass.core.report;

import dev.hourglass.core.document.Hue;
import java.util.List;
import java.util.Optional;

/// A part of a step with GPU work, in a person's words.
///
/// @param key as in `components_us`
/// @param label for tables
/// @param brief for drawings
record StepPart(String key, String label, String brief, Hue hue) {
    /// In the order in which they are drawn.
    static final List<StepPart> ALL = List.of(
            new StepPart("t_cpu_computation", "Operators on the CPU", "CPU operators", Hue.EXPERTS),
            new StepPart("t_gpu_computation", "GPU computation", "GPU computes", Hue.GPU),
            new StepPart("t_communication", "Communication", "Communication", Hue.ROUTING),
            new StepPart("t_pcie_transfer", "Copies that nothing hides", "Exposed copies", Hue.TRANSFER),
            new StepPart("t_gpu_kernel_launch", "Idle: operators and launches", "Launches", Hue.LAUNCH),
            new StepPart("t_sync", "Idle: after waits", "After waits", Hue.SYNC),
            new StepPart("t_scheduling", "Other code on the host", "Host code", Hue.SCHEDULING),
            new StepPart("t_peer", "Waiting for other GPUs", "Other GPUs", Hue.OTHER),
            new StepPart("remainder", "Idle: queued, recording, unknown", "Queued, other", Hue.REMAINDER));

    static Optional<StepPart> find(String key) {
        return ALL.stream().filter(p -> p.key().equals(key)).findFirst();
    }
}
