package dev.hourglass.app.bench;

import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.Cell;
import dev.hourglass.core.text.CsvLines;
import dev.hourglass.core.trace.BenchTables;
import dev.hourglass.core.trace.Column;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.core.unit.Unit;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Timed operators as tables.
public final class KernelTable {
    /// Parts of a session that measured ceilings first, which are not what was asked for.
    private static final String CEILINGS = "hourglass roofline";

    private KernelTable() {}

    /// The operators that were asked for.
    public static List<Measured.Row> rows(List<Measured> measured) {
        return measured.stream()
                .flatMap(m -> m.rows(BenchTables.BENCH_RESULT).stream())
                .filter(row -> !row.text("reproduce").startsWith(CEILINGS))
                .toList();
    }

    /// As a terminal shows them.
    public static List<Block> blocks(List<Measured> measured) {
        List<Measured.Row> rows = rows(measured);
        List<Block> blocks = new ArrayList<>();
        blocks.add(new Block.Table(
                "Median of one call with half of its 95 % interval; a failed check shows no time.",
                List.of(
                        "op",
                        "axes",
                        "dtype",
                        "where",
                        "time",
                        "±",
                        "TFLOP/s",
                        "GB/s",
                        "of roof",
                        "bound",
                        "n",
                        "stopped by"),
                rows.stream().map(KernelTable::row).toList()));
        Stream.of("doubt", "checks").forEach(column -> notes(rows, column).ifPresent(blocks::add));
        List<Block.Unknown> unknown = measured.stream()
                .flatMap(m -> m.rows(Tables.NOT_MEASURED).stream())
                .map(row ->
                        new Block.Unknown(row.text("item"), row.text("status"), row.text("reason"), Optional.empty()))
                .toList();
        if (!unknown.isEmpty()) {
            blocks.add(new Block.Unknowns(unknown));
        }
        rows.stream()
                .map(row -> row.number("noise_floor"))
                .filter(OptionalDouble::isPresent)
                .mapToDouble(OptionalDouble::getAsDouble)
                .max()
                .ifPresent(floor -> blocks.add(new Block.Prose(
                        "Noise floor: one operator measured twice beside the others differed by at most "
                                + dev.hourglass.core.unit.Format.value(floor, Unit.RATIO) + ".")));
        return blocks;
    }

    private static Optional<Block> notes(List<Measured.Row> rows, String column) {
        List<String> lines = rows.stream()
                .filter(row -> column.equals("doubt")
                        ? !row.text(column).isEmpty()
                        : row.text(column).startsWith("wrong"))
                .map(row -> row.text("op") + " " + row.text("axes") + ": " + row.text(column))
                .toList();
        return lines.isEmpty()
                ? Optional.empty()
                : Optional.of(new Block.Note(
                        Block.Note.Tone.CAUTION,
                        column.equals("doubt") ? "In doubt" : "Wrong results, so no times",
                        String.join("; ", lines)));
    }

    private static List<Cell> row(Measured.Row row) {
        OptionalDouble median = row.number("median");
        OptionalDouble low = row.number("ci95_low");
        OptionalDouble high = row.number("ci95_high");
        boolean bounded = low.isPresent() && high.isPresent() && median.isPresent();
        OptionalDouble roof = row.number("percent_of_roof");
        return List.of(
                Cell.text(row.text("op")),
                Cell.text(row.text("axes")),
                Cell.text(row.text("dtype")),
                Cell.text(row.text("device") + " " + row.text("cache") + " " + row.text("backend")),
                number(median, Unit.NANOSECONDS),
                bounded
                        ? Cell.number((high.getAsDouble() - low.getAsDouble()) / 2 / median.getAsDouble(), Unit.RATIO)
                        : Cell.absent("too few samples bound it"),
                number(row.number("tflops"), Unit.NONE),
                number(row.number("gbps"), Unit.NONE),
                roof.isPresent() ? Cell.number(roof.getAsDouble() / 100, Unit.RATIO) : Cell.absent("no ceiling"),
                Cell.text(row.text("bound")),
                number(row.number("n"), Unit.COUNT),
                Cell.text(row.text("stop_reason")));
    }

    private static Cell number(OptionalDouble value, Unit unit) {
        return value.isPresent() ? Cell.number(value.getAsDouble(), unit) : Cell.absent("none");
    }

    /// As CSV, every column; times in microseconds, as their names say.
    public static String csv(List<Measured> measured, CsvLines.Formulas formulas) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        CsvLines lines = new CsvLines(new PrintStream(out, false, StandardCharsets.UTF_8), String::valueOf, formulas);
        List<Column> columns = BenchTables.BENCH_RESULT.columns();
        lines.line(columns.stream()
                .map(column -> isTime(column) ? column.name() + "_us" : column.name())
                .toArray());
        rows(measured)
                .forEach(row -> lines.line(columns.stream()
                        .map(column -> inMicros(column, row.values().get(column.name())))
                        .toArray()));
        lines.flush();
        return out.toString(StandardCharsets.UTF_8);
    }

    private static boolean isTime(Column column) {
        return column.unit() == Unit.NANOSECONDS;
    }

    private static @Nullable Object inMicros(Column column, @Nullable Object value) {
        return value != null && isTime(column) ? BenchJson.micros(value) : value;
    }
}
