package dev.hourglass.core.analysis;

import dev.hourglass.core.cost.Peaks;
import dev.hourglass.core.hardware.DeviceSpec;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import java.util.List;
import java.util.Optional;

/// The least of two limits under which every operator stays: arithmetic, and bandwidth times intensity.
///
/// @param flops FLOP per second
/// @param bandwidth bytes per second
/// @param source where both come from
public record Roof(double flops, double bandwidth, String source) {
    /// The format that is meant where no product tells one.
    private static final String USUAL = "bf16";

    /// The roof of a session's device, of arithmetic in the format in which most time of its products goes; empty
    /// where
    /// one of the two is not known.
    static Optional<Roof> of(Session session, Optional<DeviceSpec> device) {
        Peaks peaks = Peaks.of(session, device);
        Rows told = session.query(ExplanationQueries.text("products_format"));
        String format = told.size() == 0 ? USUAL : told.text(0, "format", USUAL);
        return peaks.flops(format).isEmpty() || peaks.bandwidth().isEmpty()
                ? Optional.empty()
                : Optional.of(new Roof(
                        peaks.flops(format).getAsDouble(),
                        peaks.bandwidth().getAsDouble(),
                        peaks.flopsSource(List.of(format)) + "; " + peaks.bandwidthSource()));
    }
}
