package dev.hourglass.core.document;

import dev.hourglass.core.text.Words;
import dev.hourglass.core.unit.Unit;

/// A value in a table.
public sealed interface Cell {
    Cell NONE = new Text("–");

    /// Words, as they are; very long ones are cut.
    record Text(String text) implements Cell {
        public Text {
            text = Words.shown(text);
        }
    }

    /// A name with the colour that it has in charts.
    ///
    /// @param note what it means, in smaller print; may be empty
    record Named(String text, Hue hue, String note) implements Cell {
        public Named {
            text = Words.shown(text);
        }
    }

    /// A number in the unit.
    record Value(double value, Unit unit) implements Cell {}

    /// A share of a whole, drawn as a bar beside the number.
    record Share(double ratio, Hue hue) implements Cell {}

    /// Unknown, with the reason.
    record Absent(String reason) implements Cell {}

    /// Nothing to show, for a reason that stands beside the table; null in JSON.
    static Cell none() {
        return NONE;
    }

    static Cell named(String text, Hue hue) {
        return new Named(text, hue, "");
    }

    static Cell text(String text) {
        return new Text(text);
    }

    static Cell number(double value, Unit unit) {
        return new Value(value, unit);
    }

    /// A count, exact up to 2^53.
    static Cell number(long value, Unit unit) {
        return new Value((double) value, unit);
    }

    static Cell absent(String reason) {
        return new Absent(reason);
    }
}
