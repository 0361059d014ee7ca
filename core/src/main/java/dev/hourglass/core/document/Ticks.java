package dev.hourglass.core.document;

import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;

/// What stands at the ticks of an axis.
final class Ticks {
    private Ticks() {}

    static String label(double value, Unit unit) {
        return value == 0 && unit != Unit.RATIO ? "0" : Format.value(tidy(value), unit);
    }

    private static double tidy(double value) {
        return Math.rint(value * 1e9) / 1e9;
    }

    /// A horizontal axis with its grid.
    static void below(Svg svg, Axis axis, Unit unit, double top, double bottom, int count) {
        for (double tick : axis.ticks(count)) {
            double x = axis.at(tick);
            svg.line("grid", x, top, x, bottom);
            boolean edge = x > svg.width() - 24;
            svg.text(edge ? "axis end" : "axis mid", edge ? svg.width() : x, bottom + 16, label(tick, unit));
        }
    }

    /// A vertical axis with its grid; labels stand above their line.
    static void left(Svg svg, Axis axis, Unit unit, double left, double right, int count) {
        for (double tick : axis.ticks(count)) {
            double y = axis.at(tick);
            svg.line("grid", left, y, right, y);
            svg.text("axis end", left - 8, y + 4, label(tick, unit));
        }
    }
}
