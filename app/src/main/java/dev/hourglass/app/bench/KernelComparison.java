package dev.hourglass.app.bench;

import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.Cell;
import dev.hourglass.core.stat.MedianInterval;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Timed operators of two runs beside each other.
///
/// @param pairs those that both have
/// @param onlyBase operators of the first alone
/// @param onlyCandidate operators of the second alone
public record KernelComparison(List<Pair> pairs, List<String> onlyBase, List<String> onlyCandidate) {
    private static final String UNCLEAR = "UNCLEAR";

    /// One operator in both.
    ///
    /// @param ratio of the medians, candidate over base
    /// @param verdict SAME, FASTER, SLOWER, UNCLEAR
    public record Pair(String what, double base, double candidate, double ratio, double floor, String verdict) {}

    /// @param base rows of `bench_result`
    /// @param candidate the same of what it is compared with
    public static KernelComparison of(List<Measured.Row> base, List<Measured.Row> candidate) {
        Map<String, Measured.Row> before = byName(base);
        Map<String, Measured.Row> after = byName(candidate);
        List<Pair> pairs = new ArrayList<>();
        List<String> onlyBase = new ArrayList<>();
        before.forEach((name, row) -> {
            Measured.Row other = after.remove(name);
            if (other == null) {
                onlyBase.add(name);
            } else {
                pairs.add(pair(name, row, other));
            }
        });
        return new KernelComparison(pairs, onlyBase, new ArrayList<>(after.keySet()));
    }

    private static Map<String, Measured.Row> byName(List<Measured.Row> rows) {
        Map<String, Measured.Row> byName = new LinkedHashMap<>();
        for (Measured.Row row : rows) {
            if (row.number("median").isPresent()) {
                byName.put(
                        String.join(
                                " ",
                                row.text("op"),
                                row.text("axes"),
                                row.text("dtype"),
                                row.text("cache"),
                                row.text("device").replaceFirst(":.*", "")),
                        row);
            }
        }
        return byName;
    }

    private static Pair pair(String name, Measured.Row base, Measured.Row candidate) {
        double floor = Math.max(
                base.number("noise_floor").orElse(0),
                candidate.number("noise_floor").orElse(0));
        Optional<MedianInterval> a = interval(base);
        Optional<MedianInterval> b = interval(candidate);
        String verdict = a.isPresent() && b.isPresent()
                ? a.orElseThrow().against(b.orElseThrow(), floor).name()
                : UNCLEAR;
        double before = base.number("median").orElseThrow();
        double after = candidate.number("median").orElseThrow();
        return new Pair(name, before, after, after / before, floor, verdict);
    }

    private static Optional<MedianInterval> interval(Measured.Row row) {
        return row.number("ci95_low").isPresent() && row.number("ci95_high").isPresent()
                ? Optional.of(new MedianInterval(
                        row.number("median").orElseThrow(),
                        row.number("ci95_low").orElseThrow(),
                        row.number("ci95_high").orElseThrow(),
                        row.number("n").orElse(0)))
                : Optional.empty();
    }

    /// Whether something takes longer, surely.
    public boolean slower() {
        return pairs.stream().anyMatch(pair -> pair.verdict.equals(MedianInterval.Verdict.SLOWER.name()));
    }

    /// As a terminal shows it.
    public List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        blocks.add(new Block.Table(
                "Times differ where their 95 % intervals lie apart, and by more than the noise floor of either run.",
                List.of("operator", "base", "candidate", "ratio", "noise floor", "verdict"),
                pairs.stream()
                        .map(pair -> List.of(
                                Cell.text(pair.what),
                                Cell.number(pair.base, Unit.NANOSECONDS),
                                Cell.number(pair.candidate, Unit.NANOSECONDS),
                                Cell.number(pair.ratio, Unit.NONE),
                                Cell.number(pair.floor, Unit.RATIO),
                                Cell.text(pair.verdict)))
                        .toList()));
        only("Only in the base", onlyBase).ifPresent(blocks::add);
        only("Only in the candidate", onlyCandidate).ifPresent(blocks::add);
        return blocks;
    }

    private static Optional<Block> only(String title, List<String> names) {
        return names.isEmpty()
                ? Optional.empty()
                : Optional.of(new Block.Note(Block.Note.Tone.PLAIN, title, String.join("; ", names)));
    }
}
