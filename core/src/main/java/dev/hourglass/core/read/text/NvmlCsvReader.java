package dev.hourglass.core.read.text;

import dev.hourglass.core.read.CsvLine;
import dev.hourglass.core.read.Decimals;
import dev.hourglass.core.read.Fields;
import dev.hourglass.core.read.LastValue;
import dev.hourglass.core.read.TextInput;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Head;
import dev.hourglass.core.trace.HwMetric;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Moments;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Source;
import dev.hourglass.core.trace.SourceClock;
import dev.hourglass.core.trace.TraceFormatException;
import dev.hourglass.core.trace.TraceReader;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/// Samples of NVML and its GPM metrics as CSV: a first column `unix_s`, then one column per metric;
/// a column `gpu` where there are several.
///
/// GPM metrics are averages since the row before. Those of the first row reach back an unknown time.
public final class NvmlCsvReader implements TraceReader {
    /// Times are seconds with six decimals.
    private static final long RESOLUTION_NS = 1000;
    /// Characters of a device's name.
    private static final int LONGEST_DEVICE = 256;
    /// Devices whose last time is known; the averages of more reach back an unknown time.
    private static final int MOST_DEVICES = 4_096;

    /// Found by `ServiceLoader`.
    public NvmlCsvReader() {}

    @Override
    public String format() {
        return "nvml-csv";
    }

    @Override
    public Match match(Head head) {
        String first = head.stripped().lines().findFirst().orElse("");
        boolean known = first.startsWith("unix_s,")
                && Fields.between(first, ',').stream().anyMatch(HwMetric::isNvml);
        return known ? Match.YES : Match.NO;
    }

    @Override
    public void read(Source source, BatchSink sink, ImportContext context) throws IOException {
        try (TextInput input = new TextInput(source, context);
                HwRows rows = new HwRows(input, sink)) {
            String first = input.next();
            List<String> header = CsvLine.split(first == null ? "" : first).orElse(List.of());
            if (!input.ended()) {
                input.lost();
            }
            if (header.size() < 2) {
                throw new TraceFormatException(input.name(), 0, "a header that begins with unix_s and names metrics");
            }
            header.stream()
                    .skip(1)
                    .filter(column -> !column.equals("gpu") && !HwMetric.isNvml(column))
                    .forEach(column -> context.stats()
                            .count("unknown_column", Severity.INFO, column + " keeps its name and has no unit"));
            context.clock(SourceClock.unix(RESOLUTION_NS));
            rows(input, header, rows);
        }
    }

    private static void rows(TextInput input, List<String> header, HwRows rows) throws IOException {
        Map<String, Long> before = new HashMap<>();
        LastValue end = new LastValue(input);
        for (String line = input.next(); line != null; line = input.next()) {
            Optional<List<String>> cells = CsvLine.split(line);
            OptionalLong ts = cells.isEmpty()
                    ? OptionalLong.empty()
                    : Decimals.scaled(cells.get().getFirst(), 9);
            if (cells.isEmpty() || cells.get().size() != header.size() || ts.isEmpty()) {
                input.lost();
                continue;
            }
            boolean cut = end.isCut(cells.get());
            if (cut && header.getLast().equals("gpu")) {
                continue;
            }
            List<String> sure = cells.get().subList(0, header.size() - (cut ? 1 : 0));
            String device = device(header, cells.get());
            boolean known = before.containsKey(device) || before.size() < MOST_DEVICES;
            Long last = known ? before.put(device, ts.getAsLong()) : null;
            row(
                    input,
                    header,
                    sure,
                    rows,
                    device,
                    last == null ? OptionalLong.empty() : OptionalLong.of(Moments.plus(ts.getAsLong(), -last)));
        }
    }

    private static String device(List<String> header, List<String> cells) {
        int column = header.indexOf("gpu");
        String number = column < 0 ? "0" : cells.get(column);
        return "gpu:" + number.substring(0, Math.min(number.length(), LONGEST_DEVICE));
    }

    private static void row(
            TextInput input,
            List<String> header,
            List<String> cells,
            HwRows rows,
            String device,
            OptionalLong sinceLast) {
        OptionalLong ts = Decimals.scaled(cells.getFirst(), 9);
        if (sinceLast.isPresent() && sinceLast.getAsLong() < 0) {
            input.note("time_goes_back", Severity.NOTICE);
        }
        if (sinceLast.isEmpty()) {
            input.note("first_average_open", Severity.INFO);
        }
        for (int i = 1; i < cells.size(); i++) {
            HwMetric metric = HwMetric.ofNvml(header.get(i));
            OptionalDouble value = Decimals.real(cells.get(i));
            boolean forward = metric.averaged() && sinceLast.orElse(-1) >= 0;
            if (value.isPresent()) {
                if (!header.get(i).equals("gpu")) {
                    rows.write(ts, forward ? sinceLast : OptionalLong.empty(), device, metric, value.getAsDouble());
                }
            } else if (cells.get(i).isEmpty()) {
                input.note("no_number", Severity.INFO);
            } else {
                input.note("bad_number", Severity.DATA_LOSS);
            }
        }
    }
}
