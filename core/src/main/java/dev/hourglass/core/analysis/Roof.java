package dev.hourglass.core.analysis;

import dev.hourglass.core.cost.Peaks;
import dev.hourglass.core.hardware.DeviceSpec;
import dev.hourglass.core.query.Session;
import java.util.Optional;

/// The least of two limits under which every operator stays: arithmetic, and bandwidth times intensity.
///
/// @param flops FLOP per second
/// @param bandwidth bytes per second
/// @param source where both come from
public record Roof(double flops, double bandwidth, String source) {
    /// The roof of a session's device; empty where one of the two is not known.
    static Optional<Roof> of(Session session, Optional<DeviceSpec> device) {
        Peaks peaks = Peaks.of(session, device.or(() -> Utilization.device(session)));
        return peaks.flops("bf16").isEmpty() || peaks.bandwidth().isEmpty()
                ? Optional.empty()
                : Optional.of(new Roof(
                        peaks.flops("bf16").getAsDouble(),
                        peaks.bandwidth().getAsDouble(),
                        peaks.flopsSource() + "; " + peaks.bandwidthSource()));
    }
}
