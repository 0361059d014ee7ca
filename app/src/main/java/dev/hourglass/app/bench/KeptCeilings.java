package dev.hourglass.app.bench;

import dev.hourglass.core.file.FileTree;
import dev.hourglass.core.file.UserCache;
import dev.hourglass.core.file.WholeFile;
import dev.hourglass.core.hardware.DeviceSpec;
import dev.hourglass.core.hardware.DeviceTable;
import dev.hourglass.core.text.Json;
import dev.hourglass.core.text.JsonTree;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Column;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.core.unit.Unit;
import dev.hourglass.device.bench.Ceiling;
import dev.hourglass.device.bench.process.Backends;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// The ceilings of one device of this machine, as they were measured last: a file in the user's cache directory.
///
/// They hold as long as what they were measured with is the same: processor, threads, kernel, driver, libraries,
/// limits
/// of the clock.
///
/// @param device `cpu`, `gpu:0`
/// @param rows of the table `ceiling`
public record KeptCeilings(String device, List<Measured.Row> rows) {
    private static final String ROWS = "ceilings";
    private static final String END = ".json";

    public KeptCeilings {
        rows = List.copyOf(rows);
    }

    private static Path file(String device) {
        return UserCache.directory(ROWS).resolve(device.replace(':', '-') + END);
    }

    /// Those that hold now; empty where there are none, or where something has changed since.
    public static Optional<KeptCeilings> valid(String device) {
        return read(device).filter(kept -> {
            String now = Backends.validity(device);
            return !kept.rows.isEmpty()
                    && (now.isEmpty() || kept.rows.getFirst().text("valid_for").equals(now));
        });
    }

    /// Those of all devices of this machine that hold now.
    public static List<KeptCeilings> allValid() throws IOException {
        return FileTree.entries(UserCache.directory(ROWS), name -> name.endsWith(END)).stream()
                .map(file -> file.getFileName().toString())
                .map(name -> name.substring(0, name.length() - END.length()).replace('-', ':'))
                .flatMap(device -> valid(device).stream())
                .toList();
    }

    /// Those that were measured last, whether they hold or not.
    public static Optional<KeptCeilings> read(String device) {
        Path file = file(device);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(file)) {
            List<Measured.Row> rows = JsonTree.objects(JsonTree.object(in), ROWS).stream()
                    .map(Measured.Row::new)
                    .toList();
            return Optional.of(new KeptCeilings(device, rows));
        } catch (IOException e) {
            // A cache that cannot be read is measured anew.
            return Optional.empty();
        }
    }

    /// Keeps them in the place of those before.
    public void keep() throws IOException {
        Path file = file(device);
        Files.createDirectories(file.toAbsolutePath().getParent());
        Map<String, Object> all = new LinkedHashMap<>();
        all.put(ROWS, rows.stream().map(Measured.Row::values).toList());
        WholeFile.write(file, Json.line(all) + "\n");
    }

    /// For a harness to hold operators against.
    public List<Ceiling> ceilings() {
        List<Ceiling> ceilings = new ArrayList<>();
        for (Measured.Row row : rows) {
            OptionalDouble value = row.number("value");
            Optional<Unit> unit = unit(row);
            if (value.isPresent() && unit.isPresent()) {
                ceilings.add(Ceiling.known(
                        row.text("name"),
                        device,
                        row.text("dtype"),
                        value.getAsDouble(),
                        unit.orElseThrow(),
                        row.number("bus_value")));
            }
        }
        return ceilings;
    }

    static Optional<Unit> unit(Measured.Row row) {
        return List.of(Unit.FLOP_PER_SECOND, Unit.BYTES_PER_SECOND, Unit.NANOSECONDS).stream()
                .filter(unit -> unit.symbol().equals(row.text("unit")))
                .findFirst();
    }

    /// Writes them into a session, but those of names that it measured itself.
    public void write(BatchSink sink, List<String> measured) {
        try (RowWriter writer = new RowWriter(Tables.CEILING, sink)) {
            for (Measured.Row row : rows) {
                if (!measured.contains(row.text("name"))) {
                    for (Column column : Tables.CEILING.columns()) {
                        set(writer, column, row.values().get(column.name()));
                    }
                    writer.end();
                }
            }
        }
    }

    private static void set(RowWriter writer, Column column, @Nullable Object value) {
        switch (column.type()) {
            case LONG, BOOLEAN -> {
                if (value instanceof Number n) {
                    writer.set(column.name(), n.longValue());
                }
            }
            case DOUBLE -> {
                if (value instanceof Number n) {
                    writer.set(column.name(), n.doubleValue());
                }
            }
            case TEXT -> {
                if (value instanceof String text) {
                    writer.set(column.name(), text);
                }
            }
        }
    }

    /// How long ago, in words.
    public String age() {
        try {
            Duration since = Duration.between(
                    Instant.parse(rows.isEmpty() ? "" : rows.getFirst().text("measured_at")), Instant.now());
            return since.toDays() > 0
                    ? since.toDays() + (since.toDays() == 1 ? " day ago" : " days ago")
                    : since.toHours() > 0 ? since.toHours() + " h ago" : since.toMinutes() + " min ago";
        } catch (DateTimeException e) {
            return "at an unknown time";
        }
    }

    /// The data sheet with what was measured in its place: memory's bandwidth by the highest rate of reading or
    /// copying,
    /// arithmetic by the highest of its format.
    ///
    /// @param title of a device without a data sheet
    /// @return empty where neither knows memory and arithmetic
    public Optional<DeviceSpec> over(Optional<DeviceSpec> sheet, String title) {
        Map<String, Double> peaks = new LinkedHashMap<>();
        double bandwidth = 0;
        for (Ceiling c : ceilings()) {
            if (c.unit() == Unit.FLOP_PER_SECOND && DeviceTable.FORMATS.contains(base(c.dtype()))) {
                peaks.merge(base(c.dtype()), c.value(), Math::max);
            } else if (c.unit() == Unit.BYTES_PER_SECOND && c.name().startsWith("dram")) {
                bandwidth = Math.max(bandwidth, c.value());
            }
        }
        if (sheet.isEmpty() && (bandwidth == 0 || !peaks.containsKey("fp32"))) {
            return Optional.empty();
        }
        sheet.ifPresent(of -> of.peaks().forEach(peaks::putIfAbsent));
        return Optional.of(new DeviceSpec(
                sheet.map(DeviceSpec::name).orElse(device),
                sheet.map(DeviceSpec::title).orElse(title),
                device.equals("cpu") ? DeviceSpec.Kind.CPU : DeviceSpec.Kind.GPU,
                sheet.map(DeviceSpec::memoryBytes).orElse(OptionalDouble.empty()),
                bandwidth == 0 ? sheet.map(DeviceSpec::bandwidth).orElseThrow() : bandwidth,
                peaks,
                "the clock that it had",
                DeviceSpec.MEASURED + " on this machine " + age() + " (hourglass roofline)"));
    }

    /// The table's formats; `fp16` is the same as `bf16` on every device of the table, other formats are none of it.
    private static String base(String dtype) {
        return dtype.equals("fp16") ? "bf16" : dtype;
    }
}
