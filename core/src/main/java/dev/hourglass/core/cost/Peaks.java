package dev.hourglass.core.cost;

import dev.hourglass.core.hardware.DeviceSpec;
import dev.hourglass.core.hardware.DeviceTable;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.SqlText;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/// The peaks against which a run is held: measured on its machine where the session has them, from
/// the data sheet otherwise. Arithmetic has one for each number format.
///
/// @param device the data sheet; empty where the device is not in the table
/// @param bandwidth bytes per second of memory, caches apart
/// @param bandwidthSource where that comes from
/// @param measured peaks of arithmetic that were measured, by number format; under [#EVERY] one whose name tells none
/// @param named what the session calls the device that ran; empty where it names none
public record Peaks(
        Optional<DeviceSpec> device,
        OptionalDouble bandwidth,
        String bandwidthSource,
        Map<String, Measured> measured,
        String named) {

    /// Share of a peak above which the figures behind it must be wrong; the excess over 1 is what clocks and rounding
    /// make.
    public static final double POSSIBLE_SHARE = 1.02;

    /// Key of a measured peak that tells no format: it applies to all.
    static final String EVERY = "";

    /// The format that is meant where nothing tells one.
    private static final String USUAL = "bf16";

    /// Formats as names of ceilings spell them, the longer before what they contain.
    private static final List<String> SPELLED =
            List.of("tf32", "bf16", "fp16", "f16", "fp32", "f32", "fp8", "int8", "fp4");

    public Peaks {
        measured = Map.copyOf(measured);
    }

    /// A peak that was measured.
    ///
    /// @param value in the unit asked for
    /// @param source in words
    public record Measured(double value, String source) {}

    /// The session's ceilings of the device that ran first, the data sheet second.
    ///
    /// @param told the device that the user names; else the session's own word for it is looked up
    public static Peaks of(Session session, Optional<DeviceSpec> told) {
        Rows ran = session.query(CostQueries.ALL.text("device"));
        String named = ran.size() == 0 ? "" : ran.text(0, "name", "");
        boolean gpu = ran.size() > 0 && ran.text(0, "place", "").equals("gpu");
        Optional<DeviceSpec> device = told.or(() -> DeviceTable.recognise(named));
        String place = device.map(d -> d.kind() == DeviceSpec.Kind.GPU).orElse(gpu) ? "gpu" : "cpu";
        Optional<Measured> bytes = bandwidth(session, place);
        return new Peaks(
                device,
                bytes.map(Measured::value).map(OptionalDouble::of).orElseGet(() -> bandwidth(device)),
                bytes.map(Measured::source)
                        .or(() -> device.map(Peaks::bandwidthOf))
                        .orElse(unknown(named)),
                arithmetic(session, place),
                named);
    }

    /// FLOP per second of products in a format; empty where no peak is known.
    public OptionalDouble flops(String format) {
        return measured(format)
                .map(m -> OptionalDouble.of(m.value()))
                .orElseGet(
                        () -> device.map(d -> OptionalDouble.of(d.peak(format).perSecond()))
                                .orElse(OptionalDouble.empty()));
    }

    /// FLOP per byte from which arithmetic in a format limits; empty where one of the two peaks is not known.
    public OptionalDouble ridge(String format) {
        OptionalDouble flops = flops(format);
        return flops.isEmpty() || bandwidth.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(flops.getAsDouble() / bandwidth.getAsDouble());
    }

    /// Where the peak of arithmetic comes from that is meant where nothing tells a format.
    public String flopsSource() {
        return flopsSource(List.of(USUAL));
    }

    /// Where the peaks of arithmetic in some formats come from, in a few words.
    public String flopsSource(Collection<String> formats) {
        List<String> sources = new ArrayList<>();
        Map<String, String> sheet = new LinkedHashMap<>();
        for (String format : canonical(formats)) {
            Optional<Measured> own = measured(format);
            if (own.isPresent()) {
                sources.add(own.get().source());
            } else {
                device.map(d -> d.peak(format))
                        .ifPresent(peak -> sheet.put(
                                peak.format(),
                                Format.value(peak.perSecond(), Unit.FLOP_PER_SECOND) + " " + peak.format()));
            }
        }
        device.filter(d -> !sheet.isEmpty())
                .ifPresent(d -> sources.add(
                        String.join(", ", sheet.values()) + " dense at " + d.clock() + ", data sheet: " + d.sheet()));
        return sources.isEmpty() ? unknown(named) : String.join(" and ", new LinkedHashSet<>(sources));
    }

    private static Set<String> canonical(Collection<String> formats) {
        Set<String> all = new LinkedHashSet<>();
        formats.forEach(format -> all.add(DeviceSpec.canonical(format)));
        return all.isEmpty() ? Set.of(USUAL) : all;
    }

    /// That of the format in which the device multiplies such numbers.
    private Optional<Measured> measured(String format) {
        String applies = device.map(d -> d.peak(format).format()).orElseGet(() -> DeviceSpec.canonical(format));
        return Optional.ofNullable(measured.get(applies)).or(() -> Optional.ofNullable(measured.get(EVERY)));
    }

    private static String unknown(String named) {
        return "not known: the session has no measured ceiling, and "
                + (named.isEmpty() ? "no device was named" : "'" + named + "' is not in the table of devices");
    }

    private static OptionalDouble bandwidth(Optional<DeviceSpec> device) {
        return device.map(d -> OptionalDouble.of(d.bandwidth())).orElse(OptionalDouble.empty());
    }

    private static Optional<Measured> bandwidth(Session session, String place) {
        Rows rows = ceilings(session, place, Unit.BYTES_PER_SECOND);
        return rows.size() == 0 || rows.real(0, "value").isEmpty()
                ? Optional.empty()
                : Optional.of(measured(rows, 0, Unit.BYTES_PER_SECOND));
    }

    /// Of each format the best.
    private static Map<String, Measured> arithmetic(Session session, String place) {
        Rows rows = ceilings(session, place, Unit.FLOP_PER_SECOND);
        Map<String, Measured> best = new LinkedHashMap<>();
        for (int r = 0; r < rows.size(); r++) {
            if (rows.real(r, "value").isPresent()) {
                best.putIfAbsent(format(rows.text(r, "name", "")), measured(rows, r, Unit.FLOP_PER_SECOND));
            }
        }
        return best;
    }

    private static String format(String name) {
        return SPELLED.stream()
                .filter(name::contains)
                .findFirst()
                .map(DeviceSpec::canonical)
                .orElse(EVERY);
    }

    private static Rows ceilings(Session session, String place, Unit unit) {
        return session.query(CostQueries.ALL.text(
                "ceiling", Map.of("unit", SqlText.literal(unit.symbol()), "place", SqlText.literal(place + "%"))));
    }

    private static Measured measured(Rows rows, int row, Unit unit) {
        double value = rows.real(row, "value").orElseThrow();
        String threads = rows.integer(row, "threads").isPresent()
                ? ", " + rows.integer(row, "threads").getAsLong() + " threads"
                : "";
        return new Measured(
                value,
                Format.value(value, unit) + ", measured: ceiling " + rows.text(row, "name", "") + " of "
                        + rows.text(row, "device", "") + threads);
    }

    private static String bandwidthOf(DeviceSpec device) {
        return Format.value(device.bandwidth(), Unit.BYTES_PER_SECOND) + ", data sheet: " + device.sheet();
    }
}
