package dev.hourglass.core.report;

import dev.hourglass.core.analysis.DecodeProfile;
import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.Cell;
import dev.hourglass.core.document.Hue;
import dev.hourglass.core.trace.Component;
import dev.hourglass.core.unit.Distribution;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The tables of a decode run.
final class DecodeTables {
    private final DecodeProfile profile;
    private final DecodeCharts charts;

    DecodeTables(DecodeProfile profile, DecodeCharts charts) {
        this.profile = profile;
        this.charts = charts;
    }

    Block.Table componentTable() {
        List<List<Cell>> rows = new ArrayList<>();
        for (DecodeProfile.ComponentTime c : profile.components()) {
            c.time().ifPresent(t -> rows.add(componentRow(c, t)));
        }
        rows.sort((a, b) -> Double.compare(value(b), value(a)));
        boolean tail = Double.isFinite(profile.tToken().p99());
        return new Block.Table(
                "Time per token. Parts marked “inside others” overlap them and are not part of the sum."
                        + (tail ? "" : " The 99th percentile is not measured, because of " + Distribution.tooFew(0.99) + "."),
                tail
                        ? List.of("Part", "Share of T_token", "Mean", "Std. dev.", "Median", "p99", "Max")
                        : List.of("Part", "Share of T_token", "Mean", "Std. dev.", "Median", "Max"),
                tail ? rows : rows.stream().map(DecodeTables::withoutTail).toList());
    }

    private static List<Cell> withoutTail(List<Cell> row) {
        List<Cell> cells = new ArrayList<>(row);
        cells.remove(row.size() - 2);
        return cells;
    }

    private static double value(List<Cell> row) {
        return row.get(2) instanceof Cell.Value n ? n.value() : 0;
    }

    private List<Cell> componentRow(DecodeProfile.ComponentTime c, Distribution t) {
        Component component = c.component();
        Hue hue = PartHue.of(component);
        return List.of(
                new Cell.Named(
                        charts.name(component) + (component.exclusive() ? "" : " (inside others)"),
                        hue,
                        component.key() + ": " + component.doc()),
                new Cell.Share(c.share().orElse(0), hue),
                Cell.number(t.mean(), Unit.MICROSECONDS),
                Cell.number(t.stddev(), Unit.MICROSECONDS),
                Cell.number(t.p50(), Unit.MICROSECONDS),
                tail(t.p99()),
                Cell.number(t.max(), Unit.MICROSECONDS));
    }

    Block.Table latencyTable() {
        return new Block.Table(
                Double.isFinite(profile.tToken().p99())
                        ? ""
                        : "A dash: not measured, because of too few steps; a 99th percentile needs "
                                + Distribution.fewest(0.99) + ".",
                List.of("Steps", "n", "Mean", "Std. dev.", "cv", "Min", "Median", "p90", "p99", "Max"),
                List.of(
                        latencyRow("With per-node timing", Hue.PROFILED, profile.tToken()),
                        latencyRow("Without", Hue.UNPROFILED, profile.tTokenUnprofiled())));
    }

    private static Cell tail(double value) {
        return Double.isFinite(value) ? Cell.number(value, Unit.MICROSECONDS) : Cell.none();
    }

    private static List<Cell> latencyRow(String name, Hue hue, Distribution t) {
        return List.of(
                Cell.named(name, hue),
                Cell.number(t.n(), Unit.COUNT),
                Cell.number(t.mean(), Unit.MICROSECONDS),
                Cell.number(t.stddev(), Unit.MICROSECONDS),
                Cell.number(t.cv(), Unit.RATIO),
                Cell.number(t.min(), Unit.MICROSECONDS),
                Cell.number(t.p50(), Unit.MICROSECONDS),
                tail(t.p90()),
                tail(t.p99()),
                Cell.number(t.max(), Unit.MICROSECONDS));
    }

    Block.Table longestPieces() {
        List<List<Cell>> rows = profile.example().pieces().stream()
                .sorted((a, b) -> Long.compare(b.durNs(), a.durNs()))
                .limit(8)
                .map(DecodeTables::pieceRow)
                .toList();
        return new Block.Table(
                "The longest pieces of this step.",
                List.of("Piece", "Layer", "Operator", "Start", "Time", "Weights read", "Rate"),
                rows);
    }

    private static List<Cell> pieceRow(DecodeProfile.Piece p) {
        Integer layer = p.layer();
        long bytes = Optional.ofNullable(p.weightBytes()).orElse(0L);
        return List.of(
                Cell.named(p.name(), PartHue.of(p.component())),
                Cell.text(layer == null ? "outside" : layer.toString()),
                Cell.text(p.kind()),
                Cell.number(p.startNs(), Unit.NANOSECONDS),
                Cell.number(p.durNs(), Unit.NANOSECONDS),
                bytes > 0 ? Cell.number(bytes, Unit.BYTES) : Cell.text("none"),
                bytes > 0 && p.durNs() > 0
                        ? Cell.number(bytes * 1e9 / p.durNs(), Unit.BYTES_PER_SECOND)
                        : Cell.none());
    }

    static Block.Table pairs(DecodeProfile.ExpertActivity e) {
        return new Block.Table(
                "Pairs of experts chosen together most often.",
                List.of("Layer", "Expert", "with", "Tokens"),
                e.pairs().stream()
                        .map(p -> List.of(
                                Cell.number(p.layer(), Unit.NONE),
                                Cell.number(p.first(), Unit.NONE),
                                Cell.number(p.second(), Unit.NONE),
                                Cell.number(p.tokens(), Unit.COUNT)))
                        .toList());
    }

    Block.Table readings() {
        return new Block.Table(
                "How fast each part reads its weights (decode/bandwidth).",
                List.of("Part", "Reads", "Of the measured limit", "Limited by"),
                profile.reading().stream().map(DecodeTables::readingRow).toList());
    }

    private static List<Cell> readingRow(DecodeProfile.Reading r) {
        return List.of(
                Cell.text(Component.find(r.component()).map(Component::label).orElse(r.component())),
                Cell.number(r.bytesPerSecond(), Unit.BYTES_PER_SECOND),
                Cell.number(r.ratio(), Unit.RATIO),
                Cell.text(
                        switch (r.verdict()) {
                            case "memory" -> "memory";
                            case "compute" -> "cores";
                            case "cache" -> "cores; cached";
                            case "apart" -> "other pieces";
                            default -> "both";
                        }));
    }

    Block.Table ceilings() {
        return new Block.Table(
                "Measured limits of this machine.",
                List.of("Limit", "Device", "Best", "Median", "Std. dev.", "n", "How"),
                profile.ceilings().stream().map(DecodeTables::ceilingRow).toList());
    }

    private static List<Cell> ceilingRow(DecodeProfile.Ceiling c) {
        Unit unit = UnitNames.of(c.unit());
        return List.of(
                Cell.text(c.name()),
                Cell.text(c.device()),
                Cell.number(c.value(), unit),
                Cell.number(c.median(), unit),
                Cell.number(c.stddev(), unit),
                Cell.number(c.n(), Unit.COUNT),
                Cell.text(c.method()));
    }

    Block.Table cores() {
        return new Block.Table(
                "Each logical CPU over the measured phase.",
                List.of("CPU", "Busy", "User", "Kernel", "Taken by hypervisor", "Clock"),
                profile.cores().stream()
                        .map(c -> List.of(
                                Cell.number(c.core(), Unit.NONE),
                                (Cell) new Cell.Share(c.busy(), Hue.BUSY),
                                Cell.number(c.user(), Unit.RATIO),
                                Cell.number(c.system(), Unit.RATIO),
                                Cell.number(c.steal(), Unit.RATIO),
                                c.mhz().isPresent()
                                        ? Cell.number(c.mhz().getAsDouble(), Unit.MEGAHERTZ)
                                        : Cell.absent("the kernel does not tell the clock")))
                        .toList());
    }

    Block.Table threads() {
        return new Block.Table(
                "Each thread of the engine. A thread that spins in a barrier counts as running.",
                List.of("Thread", "Name", "Running", "Waiting for a CPU", "Taken off the CPU"),
                profile.threads().stream()
                        .map(t -> List.of(
                                Cell.number(t.tid(), Unit.NONE),
                                Cell.text(t.name()),
                                (Cell) new Cell.Share(t.running(), Hue.BUSY),
                                Cell.number(t.waitingForCpu(), Unit.RATIO),
                                Cell.number(t.involuntarySwitches(), Unit.COUNT)))
                        .toList());
    }
}
