package dev.hourglass.core.report;

import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.analysis.Outcome;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.Optional;

/// What a recording without steps shows all the same: the event loop of a front end, else the operators of the host.
final class HostHeadline {
    private HostHeadline() {}

    static String of(Explanation explained) {
        return loop(explained).or(() -> operators(explained)).orElse("The recording has no steps with device work.");
    }

    private static Optional<String> loop(Explanation explained) {
        return rows(explained, "engine/event_loop")
                .filter(rows -> rows.with("busy", "longest").size() > 0)
                .map(rows -> "A front end's event loop is busy " + value(rows, "busy", Unit.RATIO) + " of "
                        + value(rows, "time", Unit.NANOSECONDS) + ". Its longest block is "
                        + value(rows, "longest", Unit.NANOSECONDS) + " in " + rows.text(0, "what", "")
                        + ". No steps were recorded.");
    }

    private static Optional<String> operators(Explanation explained) {
        return rows(explained, "op/cpu_operators")
                .filter(rows -> !explained.hasDeviceWork() && rows.with("self").size() > 0)
                .map(rows -> "The recording has operators of the host and no steps. Most time goes to "
                        + rows.text(0, "operator", "") + ": " + value(rows, "self", Unit.NANOSECONDS) + " itself, in "
                        + value(rows, "calls", Unit.COUNT) + " calls.");
    }

    private static Optional<Rows> rows(Explanation explained, String analysis) {
        return Optional.ofNullable(explained.outcomes().get(analysis)).flatMap(Outcome::answered);
    }

    private static String value(Rows rows, String column, Unit unit) {
        return Format.value(rows.real(0, column).orElse(0), unit);
    }
}
