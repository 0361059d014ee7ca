package dev.hourglass.core.read.text;

import dev.hourglass.core.read.Decimals;
import dev.hourglass.core.read.Fields;
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
import java.util.Set;

/// Samples of `nvidia-smi --query-gpu=… --format=csv -lms N`, with or without units in the cells.
///
/// The field `timestamp` is local time without a zone, so it stays on its own clock. Fields that are
/// text (name, uuid, driver) are not samples; `index`, else `uuid` or `pci.bus_id`, name the device.
public final class NvidiaSmiReader implements TraceReader {
    private static final Set<String> KNOWN =
            Set.of("timestamp", "memory.used", "memory.free", "memory.total", "pstate");
    private static final Set<String> OF_PROCESS =
            Set.of("pid", "process_name", "used_gpu_memory", "used_memory", "max_memory_usage");
    private static final List<String> KNOWN_GROUPS = List.of("power.draw", "utilization.", "temperature.", "clocks");
    /// Digits of a mask of reasons.
    private static final int MOST_HEX_DIGITS = 16;
    private static final List<String> IDENTITY =
            List.of("index", "uuid", "gpu_uuid", "pci.bus_id", "gpu_bus_id", "serial");

    /// Name and unit of one field of the header.
    private record Field(String name, String unit) {
        /// Empty where the cell is no name with a unit or without one.
        static Optional<Field> of(String cell) {
            int end = cell.isEmpty() || !Fields.isLetter(cell.charAt(0))
                    ? 0
                    : Fields.end(cell, 0, c -> Fields.isWordPart(c) || c == '.');
            boolean unit = cell.startsWith(" [", end) && cell.indexOf(']', end) == cell.length() - 1;
            return end == 0 || (end < cell.length() && !unit)
                    ? Optional.empty()
                    : Optional.of(
                            new Field(cell.substring(0, end), unit ? cell.substring(end + 2, cell.length() - 1) : ""));
        }

        boolean isKnown() {
            return KNOWN.contains(name) || KNOWN_GROUPS.stream().anyMatch(name::startsWith);
        }

        /// Whether it tells of one process, as those of `--query-compute-apps` do.
        boolean isOfProcess() {
            return OF_PROCESS.contains(name);
        }

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
        boolean ours = header.isPresent()
                && header.get().stream().anyMatch(Field::isKnown)
                && header.get().stream().noneMatch(Field::isOfProcess);
        return ours ? Match.YES : Match.NO;
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
            context.clock(timed ? LogTime.clock(context) : SourceClock.none());
            LastValue last = new LastValue(input);
            for (String line = input.next(); line != null; line = input.next()) {
                line(line, header, last, input, rows);
            }
        }
    }

    private static Optional<List<Field>> header(String line) {
        List<Field> fields = new ArrayList<>();
        for (String cell : Fields.strippedBetween(line, ',')) {
            Optional<Field> field = Field.of(cell);
            if (field.isEmpty()) {
                return Optional.empty();
            }
            fields.add(field.get());
        }
        return Optional.of(fields);
    }

    private static void line(String line, List<Field> header, LastValue last, TextInput input, HwRows rows) {
        List<String> cells = Fields.strippedBetween(line, ',');
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
                ts = LogTime.parse(cells.get(i), input.context());
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
        int space = cell.indexOf(' ');
        String unit = space < 0 ? field.unit() : cell.substring(space + 1);
        OptionalDouble number = number(space < 0 ? cell : cell.substring(0, space), space >= 0);
        if (number.isPresent() && Fields.words(unit).size() == 1) {
            rows.write(ts, OptionalLong.empty(), device, HwMetric.ofSmi(field.name(), unit), number.getAsDouble());
            return;
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

    /// The number of a cell; of a performance state its index.
    ///
    /// @param hasUnit whether a unit stands behind it, as behind no state and no mask
    private static OptionalDouble number(String text, boolean hasUnit) {
        if (!hasUnit && text.startsWith("0x")) {
            String digits = text.substring(2);
            return digits.isEmpty() || digits.length() > MOST_HEX_DIGITS || !isHex(digits)
                    ? OptionalDouble.empty()
                    : OptionalDouble.of((double) Long.parseUnsignedLong(digits, 16));
        }
        boolean state = !hasUnit && text.startsWith("P") && Fields.isDigits(text.substring(1));
        boolean plain = text.indexOf('e') < 0 && text.indexOf('E') < 0;
        return state ? Decimals.real(text.substring(1)) : plain ? Decimals.real(text) : OptionalDouble.empty();
    }

    private static boolean isHex(String text) {
        return text.chars().allMatch(c -> Fields.isSmallHex(Character.toLowerCase(c)));
    }
}
