package dev.hourglass.core.read.text;

import dev.hourglass.core.read.CsvLine;
import dev.hourglass.core.read.TextInput;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Head;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Source;
import dev.hourglass.core.trace.TraceFormatException;
import dev.hourglass.core.trace.TraceReader;
import dev.hourglass.core.trace.TraceTables;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Table of Nsight Compute, as `ncu --csv --page details` (one row per metric or rule) or
/// `--page raw` (one row per launch, units in the first) print it, behind any messages of the tool
/// and of the program that it ran.
public final class NcuCsvReader implements TraceReader {
    private static final String BEGIN = "\"ID\",\"Process ID\"";

    /// Found by `ServiceLoader`.
    public NcuCsvReader() {}

    @Override
    public String format() {
        return "ncu-csv";
    }

    @Override
    public Match match(Head head) {
        return head.text().lines().anyMatch(line -> line.startsWith(BEGIN)) || head.startsWith("==PROF==")
                ? Match.YES
                : Match.NO;
    }

    @Override
    public void read(Source source, BatchSink sink, ImportContext context) throws IOException {
        try (TextInput input = new TextInput(source, context);
                RowWriter metrics = new RowWriter(TraceTables.NCU_METRIC, sink);
                RowWriter rules = new RowWriter(TraceTables.NCU_RULE, sink)) {
            NcuRows rows = new NcuRows(context, metrics, rules);
            NcuTable table = table(input);
            for (String text = input.next(); text != null; text = input.next()) {
                table = line(text, input, table, rows);
            }
            rows.close();
        }
    }

    private static NcuTable table(TextInput input) throws IOException {
        String text = input.next();
        while (text != null && !text.startsWith(BEGIN)) {
            message(text, input);
            text = input.next();
        }
        Optional<NcuTable> table = text == null ? Optional.empty() : NcuTable.of(text);
        return table.orElseThrow(() -> new TraceFormatException(
                input.name(),
                input.offset(),
                "a table that begins with \"ID\",\"Process ID\" behind the tool's messages"));
    }

    /// Takes one line behind the header; answers the table that the next lines belong to.
    private static NcuTable line(String text, TextInput input, NcuTable table, NcuRows rows) {
        if (text.startsWith(BEGIN)) {
            rows.header();
            return NcuTable.of(text).orElse(table);
        }
        if (!text.startsWith("\"")) {
            message(text, input);
            return table;
        }
        Optional<List<String>> record = CsvLine.split(text);
        if (record.isEmpty() || !table.fits(record.get())) {
            input.lost();
        } else if (table.isUnits(record.get())) {
            return table.withUnits(record.get());
        } else {
            rows.take(table, record.get());
        }
        return table;
    }

    private static void message(String text, TextInput input) {
        if (text.startsWith("==ERROR==")) {
            input.context().stats().count("tool_error", Severity.ERROR, text);
        } else if (text.startsWith("==WARNING==")) {
            input.context().stats().count("tool_warning", Severity.NOTICE, text);
        } else if (!text.isBlank() && !text.startsWith("==PROF==")) {
            input.foreign();
        }
    }
}
