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
import dev.hourglass.core.trace.TraceReader;
import java.io.IOException;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/// Samples of `nvidia-smi dmon`: two lines of names and units that begin with `#` and come again, then
/// one line per device and sample. Times are there only with `-o DT` (date and time) or `-o T`.
public final class NvidiaSmiDmonReader implements TraceReader {
    /// What the comments so far tell about the columns.
    ///
    /// @param dated whether some samples have a date
    private record Columns(List<String> names, List<String> units, boolean dated) {
        /// With what one more comment tells: the names or the units.
        Columns told(List<String> cells) {
            return cells.contains("gpu")
                    ? new Columns(cells, units, dated || cells.contains("Date"))
                    : new Columns(names, cells, dated);
        }

        boolean fit(List<String> cells) {
            return cells.size() == names.size() && units.size() == names.size();
        }
    }

    /// Found by `ServiceLoader`.
    public NvidiaSmiDmonReader() {}

    @Override
    public String format() {
        return "nvidia-smi-dmon";
    }

    @Override
    public Match match(Head head) {
        List<String> lines = head.stripped().lines().limit(2).toList();
        boolean ours = lines.size() == 2
                && lines.getFirst().startsWith("#")
                && cells(lines.getFirst()).contains("gpu")
                && !cells(lines.getFirst()).contains("pid")
                && lines.get(1).startsWith("#")
                && cells(lines.get(1)).contains("Idx");
        return ours ? Match.YES : Match.NO;
    }

    @Override
    public void read(Source source, BatchSink sink, ImportContext context) throws IOException {
        try (TextInput input = new TextInput(source, context);
                HwRows rows = new HwRows(input, sink)) {
            Columns columns = new Columns(List.of(), List.of(), false);
            LastValue last = new LastValue(input);
            for (String line = input.next(); line != null; line = input.next()) {
                List<String> cells = cells(line);
                if (line.startsWith("#") && !input.ended()) {
                    input.lost();
                } else if (line.startsWith("#")) {
                    columns = columns.told(cells);
                } else if (!columns.fit(cells)) {
                    input.lost();
                } else {
                    sample(columns, last.isCut(cells) ? cells.size() - 1 : cells.size(), cells, input, rows);
                }
            }
            context.clock(columns.dated() ? LogTime.clock(context) : SourceClock.none());
            if (!columns.dated()) {
                context.stats().count("no_time", Severity.NOTICE, "samples have no date; record with dmon -o DT");
            }
        }
    }

    private static List<String> cells(String line) {
        String plain = line.startsWith("#") ? line.substring(1) : line;
        return plain.indexOf(',') >= 0 ? Fields.strippedBetween(plain, ',') : Fields.words(plain);
    }

    /// @param sure how many cells are not cut
    private static void sample(Columns columns, int sure, List<String> cells, TextInput input, HwRows rows) {
        List<String> names = columns.names();
        OptionalLong ts = time(names, cells, input.context());
        if (ts.isEmpty() && names.contains("Date")) {
            input.lost();
            return;
        }
        String device = "gpu:" + cells.get(names.indexOf("gpu"));
        for (int i = 0; i < sure; i++) {
            if (!List.of("gpu", "Date", "Time").contains(names.get(i))) {
                OptionalDouble value = Decimals.real(cells.get(i));
                if (value.isPresent()) {
                    rows.write(
                            ts,
                            OptionalLong.empty(),
                            device,
                            HwMetric.ofSmi(names.get(i), columns.units().get(i)),
                            value.getAsDouble());
                } else {
                    String kind = cells.get(i).equals("-") ? "not_supported" : "bad_number";
                    input.context()
                            .stats()
                            .count(
                                    kind,
                                    kind.equals("bad_number") ? Severity.DATA_LOSS : Severity.INFO,
                                    "first " + names.get(i) + ", " + input.place());
                }
            }
        }
    }

    private static OptionalLong time(List<String> names, List<String> cells, ImportContext context) {
        int date = names.indexOf("Date");
        int time = names.indexOf("Time");
        return date < 0 || time < 0
                ? OptionalLong.empty()
                : LogTime.parse(cells.get(date) + " " + cells.get(time), context);
    }
}
