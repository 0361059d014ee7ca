package dev.hourglass.core.cost;

import dev.hourglass.core.hardware.DeviceSpec;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.SqlText;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// The peaks against which a run is held: measured on its machine where the session has them, from
/// the data sheet otherwise.
///
/// @param device the data sheet; empty where the device is not in the table
/// @param bandwidth bytes per second
/// @param bandwidthSource where that comes from
/// @param measuredFlops FLOP per second, measured; then it applies to every format
/// @param flopsSource where the peak of arithmetic comes from
public record Peaks(
        Optional<DeviceSpec> device,
        OptionalDouble bandwidth,
        String bandwidthSource,
        OptionalDouble measuredFlops,
        String flopsSource) {

    private static final String UNKNOWN = "not known: the session has no measured ceiling and no device was named";

    /// The session's ceilings of this kind of device first, the data sheet second.
    public static Peaks of(Session session, Optional<DeviceSpec> device) {
        String place = device.filter(d -> d.kind() == DeviceSpec.Kind.GPU).isPresent() ? "gpu" : "cpu";
        Optional<Ceiling> bytes = ceiling(session, place, Unit.BYTES_PER_SECOND);
        Optional<Ceiling> flops = ceiling(session, place, Unit.FLOP_PER_SECOND);
        return new Peaks(
                device,
                bytes.map(Ceiling::value).map(OptionalDouble::of).orElseGet(() -> bandwidth(device)),
                bytes.map(Ceiling::source)
                        .or(() -> device.map(Peaks::bandwidthOf))
                        .orElse(UNKNOWN),
                flops.map(Ceiling::value).map(OptionalDouble::of).orElse(OptionalDouble.empty()),
                flops.map(Ceiling::source).or(() -> device.map(Peaks::flopsOf)).orElse(UNKNOWN));
    }

    /// FLOP per second of products in a format; empty where no peak is known.
    public OptionalDouble flops(String format) {
        return measuredFlops.isPresent() || device.isEmpty()
                ? measuredFlops
                : OptionalDouble.of(device.get().peak(format).perSecond());
    }

    private static OptionalDouble bandwidth(Optional<DeviceSpec> device) {
        return device.map(d -> OptionalDouble.of(d.bandwidth())).orElse(OptionalDouble.empty());
    }

    private record Ceiling(double value, String source) {}

    private static Optional<Ceiling> ceiling(Session session, String place, Unit unit) {
        Rows rows = session.query(CostQueries.ALL.text(
                "ceiling", Map.of("unit", SqlText.literal(unit.symbol()), "place", SqlText.literal(place + "%"))));
        if (rows.size() == 0 || rows.real(0, "value").isEmpty()) {
            return Optional.empty();
        }
        double value = rows.real(0, "value").getAsDouble();
        String threads = rows.integer(0, "threads").isPresent()
                ? ", " + rows.integer(0, "threads").getAsLong() + " threads"
                : "";
        return Optional.of(new Ceiling(
                value,
                Format.value(value, unit) + ", measured: ceiling " + rows.text(0, "name", "") + " of "
                        + rows.text(0, "device", "") + threads));
    }

    private static String bandwidthOf(DeviceSpec device) {
        return Format.value(device.bandwidth(), Unit.BYTES_PER_SECOND) + ", data sheet: " + device.source();
    }

    private static String flopsOf(DeviceSpec device) {
        DeviceSpec.Peak peak = device.peak("bf16");
        return Format.value(peak.perSecond(), Unit.FLOP_PER_SECOND) + " " + peak.format() + " dense at "
                + device.clock() + ", data sheet: " + device.source();
    }
}
