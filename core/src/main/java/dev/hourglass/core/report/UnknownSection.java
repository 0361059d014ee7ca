package dev.hourglass.core.report;

import dev.hourglass.core.analysis.Loss;
import dev.hourglass.core.analysis.NotMeasured;
import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.Cell;
import dev.hourglass.core.document.Section;
import dev.hourglass.core.unit.Unit;
import java.util.List;
import java.util.Optional;

/// The section that every report ends with: what was not measured and why, and what got lost on the way.
final class UnknownSection {
    private UnknownSection() {}

    static Section of(List<NotMeasured> unknown, List<Loss> losses) {
        return new Section(
                "unknown",
                "Not measured, and lost",
                List.of(
                        unknowns(unknown),
                        losses.isEmpty()
                                ? new Block.Prose("Nothing that was measured got lost on its way into this report.")
                                : table(losses)));
    }

    private static Block.Unknowns unknowns(List<NotMeasured> unknown) {
        return new Block.Unknowns(unknown.stream()
                .map(n -> new Block.Unknown(n.item(), n.status(), n.reason(), Optional.ofNullable(n.howToRecord())))
                .toList());
    }

    private static Block.Table table(List<Loss> losses) {
        return new Block.Table(
                "What was lost, repaired or noticed on its way into this report.",
                List.of("Source", "What", "Severity", "Count", "Where"),
                losses.stream()
                        .map(l -> List.of(
                                Cell.text(l.source()),
                                Cell.text(l.kind()),
                                Cell.text(l.severity()),
                                Cell.number(l.count(), Unit.COUNT),
                                Cell.text(l.place())))
                        .toList());
    }
}
