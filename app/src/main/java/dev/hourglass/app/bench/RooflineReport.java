package dev.hourglass.app.bench;

import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.Cell;
import dev.hourglass.core.document.Chart;
import dev.hourglass.core.document.Hue;
import dev.hourglass.core.document.Report;
import dev.hourglass.core.document.Section;
import dev.hourglass.core.trace.BenchTables;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import dev.hourglass.device.bench.Roofs;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The ceilings of one device as a document.
public final class RooflineReport {
    private static final Pattern AXIS = Pattern.compile("(\\w+)=(\\d+)");
    private static final double PERCENT = 100;
    /// What is above what the device can do by design was not measured right.
    private static final double IMPOSSIBLE = 103;

    private final String device;
    private final List<Measured.Row> ceilings;
    private final List<Measured.Row> results;
    private final List<Measured.Row> missing;
    private final Roofs roofs;

    /// @param measured on the device
    public RooflineReport(String device, Measured measured) {
        this(
                device,
                measured.rows(Tables.CEILING),
                measured.rows(BenchTables.BENCH_RESULT),
                measured.rows(Tables.NOT_MEASURED));
    }

    /// @param kept that were measured before
    public RooflineReport(KeptCeilings kept) {
        this(kept.device(), kept.rows(), List.of(), List.of());
    }

    private RooflineReport(
            String device, List<Measured.Row> ceilings, List<Measured.Row> results, List<Measured.Row> missing) {
        this.device = device;
        this.ceilings = ceilings;
        this.results = results;
        this.missing = missing;
        this.roofs = new Roofs(new KeptCeilings(device, ceilings).ceilings(), Map.of());
    }

    /// Its parts, plots apart, as a terminal shows them.
    public List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        blocks.add(table());
        if (!roofs.ridges().isEmpty()) {
            blocks.add(ridges());
        }
        sweep().ifPresent(blocks::add);
        if (!missing.isEmpty()) {
            blocks.add(new Block.Unknowns(missing.stream()
                    .map(row -> new Block.Unknown(
                            row.text("item"), row.text("status"), row.text("reason"), Optional.empty()))
                    .toList()));
        }
        impossible().ifPresent(blocks::add);
        return blocks;
    }

    private Block.Table table() {
        return new Block.Table(
                "Ceilings of " + device + ": the best and the median of what was measured, random data.",
                List.of("ceiling", "best", "median", "± 95 %", "of peak", "by bus", "threads", "clock"),
                ceilings.stream().map(this::row).toList());
    }

    private List<Cell> row(Measured.Row row) {
        Unit unit = KeptCeilings.unit(row).orElse(Unit.NONE);
        OptionalDouble low = row.number("ci95_low");
        OptionalDouble high = row.number("ci95_high");
        OptionalDouble median = row.number("median");
        boolean bounded = low.isPresent() && high.isPresent() && median.isPresent();
        return List.of(
                Cell.text(row.text("name")),
                number(row.number("value"), unit),
                number(median, unit),
                bounded
                        ? Cell.number((high.getAsDouble() - low.getAsDouble()) / 2 / median.getAsDouble(), Unit.RATIO)
                        : Cell.absent("too few samples bound it"),
                row.number("percent_of_peak").isPresent()
                        ? Cell.number(row.number("percent_of_peak").getAsDouble() / PERCENT, Unit.RATIO)
                        : Cell.absent("what the design allows is not known"),
                row.number("bus_value").isPresent() ? number(row.number("bus_value"), unit) : Cell.text("same"),
                number(row.number("threads"), Unit.COUNT),
                number(row.number("clock_mhz"), Unit.MEGAHERTZ));
    }

    private static Cell number(OptionalDouble value, Unit unit) {
        return value.isPresent() ? Cell.number(value.getAsDouble(), unit) : Cell.absent("not told");
    }

    private Block.Table ridges() {
        return new Block.Table(
                "Ridge points: below so many FLOP per byte of memory an operator is limited by memory.",
                List.of("number format", "peak", "memory", "ridge"),
                roofs.ridges().stream()
                        .map(ridge -> List.of(
                                Cell.text(ridge.dtype()),
                                Cell.number(roofs.compute(ridge.dtype()).orElseThrow(), Unit.FLOP_PER_SECOND),
                                Cell.number(roofs.memory().orElseThrow(), Unit.BYTES_PER_SECOND),
                                Cell.number(ridge.flopPerByte(), Unit.FLOP_PER_BYTE)))
                        .toList());
    }

    /// The knee as it was measured.
    private Optional<Block> sweep() {
        List<Measured.Row> sweep = of("sweep_intensity");
        return sweep.isEmpty()
                ? Optional.empty()
                : Optional.of(new Block.Table(
                        "The knee: fp32 multiply-adds between two loads from memory.",
                        List.of("FLOP per byte", "rate", "bandwidth"),
                        sweep.stream()
                                .map(row -> List.of(
                                        Cell.number(row.number("intensity").orElse(0), Unit.NONE),
                                        Cell.number(rate(row), Unit.FLOP_PER_SECOND),
                                        Cell.number(row.number("gbps").orElse(0) * 1e9, Unit.BYTES_PER_SECOND)))
                                .toList()));
    }

    private Optional<Block> impossible() {
        List<String> names = ceilings.stream()
                .filter(row -> row.number("percent_of_peak").orElse(0) > IMPOSSIBLE)
                .map(row -> row.text("name"))
                .toList();
        return names.isEmpty()
                ? Optional.empty()
                : Optional.of(new Block.Note(
                        Block.Note.Tone.CAUTION,
                        "Above what the design allows",
                        String.join(", ", names)
                                + ": the clock was estimated too low, or the machine changed its pace meanwhile."));
    }

    private List<Measured.Row> of(String op) {
        return results.stream()
                .filter(row -> row.text("op").equals(op) && row.number("median").isPresent())
                .toList();
    }

    private static double rate(Measured.Row row) {
        return row.number("tflops").orElse(0) * 1e12;
    }

    /// As a whole document, with its plots.
    public Report report() {
        List<Section> sections = new ArrayList<>();
        sections.add(new Section("ceilings-" + plain(device), "Ceilings of " + device, blocks()));
        List<Block> plots = plots();
        if (!plots.isEmpty()) {
            sections.add(new Section("plots-" + plain(device), "Roofline", plots));
        }
        String said = roofs.ridges().stream()
                .map(ridge -> ridge.dtype() + " " + Format.significant(ridge.flopPerByte()))
                .reduce((a, b) -> a + ", " + b)
                .map(list -> "Memory limits below so many FLOP per byte: " + list + ".")
                .orElse("What " + device + " reaches.");
        return new Report(
                "Roofline of " + device,
                ceilings.isEmpty() ? List.of() : List.of(ceilings.getFirst().text("valid_for")),
                new Report.Headline(
                        said, List.of(), new Chart.Neck("nothing to draw", Unit.NANOSECONDS, List.of()), List.of()),
                sections);
    }

    private static String plain(String name) {
        return name.replaceAll("[^a-z0-9-]", "-");
    }

    private List<Block> plots() {
        List<Block> plots = new ArrayList<>();
        for (Roofs.Ridge ridge : roofs.ridges()) {
            List<Chart.Point> points = ridge.dtype().equals("fp32") ? knee() : List.of();
            double peak = roofs.compute(ridge.dtype()).orElseThrow();
            plots.add(new Block.Plot(
                    "roofline-" + plain(ridge.dtype()),
                    new Chart.Roofline(
                            "The roof of " + device + " in " + ridge.dtype(),
                            peak,
                            roofs.memory().orElseThrow(),
                            ridge.dtype() + ", " + Format.value(peak, Unit.FLOP_PER_SECOND) + ", measured",
                            points),
                    points.isEmpty()
                            ? "Measured peak and bandwidth of " + ridge.dtype() + "."
                            : "Points: multiply-adds between two loads, more and more of them."));
        }
        sizes().ifPresent(plots::add);
        threads().ifPresent(plots::add);
        return plots;
    }

    private List<Chart.Point> knee() {
        return of("sweep_intensity").stream()
                .map(row -> new Chart.Point(
                        row.text("axes"),
                        Hue.BUSY,
                        row.number("intensity").orElse(1),
                        rate(row),
                        row.number("median").orElse(1)))
                .toList();
    }

    private Optional<Block> sizes() {
        List<Measured.Row> sweep = of("sweep_size").stream()
                .sorted(Comparator.comparingDouble(row -> axis(row, "bytes_each")))
                .toList();
        if (sweep.isEmpty()) {
            return Optional.empty();
        }
        Chart.Line line = new Chart.Line(
                "read",
                Hue.EXPERTS,
                sweep.stream()
                        .map(row -> Math.log(axis(row, "bytes_each")) / Math.log(2))
                        .toList(),
                sweep.stream().map(row -> row.number("gbps").orElse(0) * 1e9).toList());
        return Optional.of(new Block.Plot(
                "bandwidth-by-size",
                new Chart.Series(
                        "Bandwidth of reading by size",
                        Unit.BYTES_PER_SECOND,
                        "bytes of each thread, as a power of 2",
                        Unit.NONE,
                        List.of(line),
                        Optional.empty()),
                "Steps are the caches."));
    }

    /// Of what was measured with several numbers of threads, a line each.
    private Optional<Block> threads() {
        Map<String, List<Measured.Row>> byName = new LinkedHashMap<>();
        for (Measured.Row row : results) {
            if (row.text("op").startsWith("dram_") && row.number("gbps").isPresent()) {
                byName.computeIfAbsent(row.text("op"), name -> new ArrayList<>())
                        .add(row);
            }
        }
        byName.values().removeIf(rows -> rows.size() < 2);
        List<Chart.Line> lines = new ArrayList<>();
        byName.forEach((name, rows) -> lines.add(new Chart.Line(
                name,
                List.of(Hue.values()).get(lines.size() % Hue.values().length),
                rows.stream().map(row -> axis(row, "threads")).toList(),
                rows.stream().map(row -> row.number("gbps").orElse(0) * 1e9).toList())));
        return lines.isEmpty()
                ? Optional.empty()
                : Optional.of(new Block.Plot(
                        "bandwidth-by-threads",
                        new Chart.Series(
                                "Bandwidth of memory by threads",
                                Unit.BYTES_PER_SECOND,
                                "threads",
                                Unit.COUNT,
                                lines,
                                Optional.empty()),
                        "Medians. Where a line is flat, more threads bring nothing."));
    }

    static double axis(Measured.Row row, String name) {
        Matcher axes = AXIS.matcher(row.text("axes"));
        while (axes.find()) {
            if (axes.group(1).equals(name)) {
                return Double.parseDouble(axes.group(2));
            }
        }
        return 0;
    }

    Roofs roofs() {
        return roofs;
    }

    List<Measured.Row> ceilings() {
        return ceilings;
    }

    List<Measured.Row> missing() {
        return missing;
    }

    String device() {
        return device;
    }
}
