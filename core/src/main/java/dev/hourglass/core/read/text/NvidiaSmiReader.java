package dev.hourglass.core.read.text;

import dev.hourglass.core.read.Decimals;
import dev.hourglass.core.read.LastValue;
import dev.hourglass.core.read.LogTime;
import dev.hourglass.core.read.TextInput;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Head;
import dev.hourglass.core.trace.HwMetric;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Source;
import dev.hourglass.core.trace.SourceClock;
import dev.hourglass.core.trace.TraceFormatException;
import dev.hourglass.core.trace.TraceReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Samples of `nvidia-smi --query-gpu=… --format=csv -lms N`, with or without units in the cells.
///
/// The field `timestamp` is local time without a zone, so it stays on its own clock. Fields that are
/// text (name, uuid, driver) are not samples; `index`, else `uuid` or `pci.bus_id`, name the device.
public final class NvidiaSmiReader implements TraceReader {
    private static final Pattern FIELD = Pattern.compile("([a-zA-Z][a-zA-Z0-9_.]*)(?: \\[([^\\]]*)\\])?");
    private static final Pattern VALUE = Pattern.compile("([-+]?[0-9.]+)(?: (\\S+))?|P([0-9]+)|0x([0-9a-fA-F]{1,16})");
    private static final Pattern KNOWN = Pattern.compile(
            "timestamp|power\\.draw.*|utilization\\..*|memory\\.(used|free|total)|temperature\\..*|clocks.*|pstate");
    private static final List<String> IDENTITY =
            List.of("index", "uuid", "gpu_uuid", "pci.bus_id", "gpu_bus_id", "serial");

    /// Name and unit of one field of the header.
    private record Field(String name, String unit) {
        boolean isTime() {
            return name.equals("timestamp");
        }

        /// Whether it tells what was measured, not when or on which device.
        boolean isValue() {
            return !isTime() && !IDENTITY.contains(name);
        }
    }

    /// Found by `ServiceLoader`.
    public NvidiaSmiReader() {}

    @Override
    public String format() {
        return "nvidia-smi-csv";
    }

    @Override
    public Match match(Head head) {
        String first = head.stripped().lines().findFirst().orElse("");
        Optional<List<Field>> header = header(first);
        return header.isPresent()
                        && header.get().stream()
                                .anyMatch(field -> KNOWN.matcher(field.name()).matches())
                ? Match.YES
                : Match.NO;
    }

    @Override
    public void read(Source source, BatchSink sink, ImportContext context) throws IOException {
        try (TextInput input = new TextInput(source, context);
                HwRows rows = new HwRows(input, sink)) {
            String first = input.next();
            List<Field> header = header(first == null ? "" : first)
                    .orElseThrow(() ->
                            new TraceFormatException(input.name(), 0, "a header of fields such as power.draw [W]"));
            if (!input.ended()) {
                input.lost();
            }
            boolean timed = header.stream().anyMatch(Field::isTime);
            context.clock(timed ? LogTime.CLOCK : SourceClock.none());
            LastValue last = new LastValue(input);
            for (String line = input.next(); line != null; line = input.next()) {
                line(line, header, last, input, rows);
            }
        }
    }

    private static Optional<List<Field>> header(String line) {
        List<Field> fields = new ArrayList<>();
        for (String cell : line.strip().split(",\\s*", -1)) {
            Matcher field = FIELD.matcher(cell.strip());
            if (!field.matches()) {
                return Optional.empty();
            }
            fields.add(new Field(field.group(1), field.group(2) == null ? "" : field.group(2)));
        }
        return Optional.of(fields);
    }

    private static void line(String line, List<Field> header, LastValue last, TextInput input, HwRows rows) {
        List<String> cells = List.of(line.split(",\\s*", -1));
        if (line.isBlank() || header(line).equals(Optional.of(header))) {
            return;
        }
        if (cells.size() != header.size()) {
            input.lost();
            return;
        }
        boolean cut = last.isCut(cells);
        if (cut && !header.getLast().isValue()) {
            return;
        }
        OptionalLong ts = OptionalLong.empty();
        for (int i = 0; i < header.size(); i++) {
            if (header.get(i).isTime()) {
                ts = LogTime.parse(cells.get(i));
                if (ts.isEmpty()) {
                    input.lost();
                    return;
                }
            }
        }
        String device = device(header, cells);
        for (int i = 0; i < header.size() - (cut ? 1 : 0); i++) {
            Field field = header.get(i);
            if (field.isValue()) {
                cell(field, cells.get(i).strip(), ts, device, input, rows);
            }
        }
    }

    private static String device(List<Field> header, List<String> cells) {
        for (String identity : IDENTITY) {
            for (int i = 0; i < header.size(); i++) {
                if (header.get(i).name().equals(identity)) {
                    return "gpu:" + cells.get(i).strip();
                }
            }
        }
        return "gpu";
    }

    private static void cell(Field field, String cell, OptionalLong ts, String device, TextInput input, HwRows rows) {
        Matcher value = VALUE.matcher(cell);
        if (value.matches()) {
            OptionalDouble number = number(value);
            String unit = value.group(2) == null ? field.unit() : value.group(2);
            if (number.isPresent()) {
                rows.write(ts, OptionalLong.empty(), device, HwMetric.ofSmi(field.name(), unit), number.getAsDouble());
                return;
            }
        } else if (cell.equals("Active") || cell.equals("Not Active")) {
            rows.write(
                    ts, OptionalLong.empty(), device, HwMetric.ofSmi(field.name(), ""), cell.equals("Active") ? 1 : 0);
            return;
        }
        input.context()
                .stats()
                .count(
                        cell.startsWith("[") || cell.equals("N/A") ? "not_supported" : "text_field",
                        Severity.INFO,
                        "first " + field.name() + ": " + cell);
    }

    private static OptionalDouble number(Matcher value) {
        if (value.group(4) != null) {
            return OptionalDouble.of((double) Long.parseUnsignedLong(value.group(4), 16));
        }
        return Decimals.real(value.group(3) == null ? value.group(1) : value.group(3));
    }
}
