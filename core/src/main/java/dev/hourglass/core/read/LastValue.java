package dev.hourglass.core.read;

import java.util.List;

/// Tells whether a table's last value is cut, where its last line has no line end.
///
/// That can be known of no number for sure: one that is shorter than the last value of every line before is
/// taken for cut.
public final class LastValue {
    private static final int NONE = -1;

    private final TextInput input;
    private int cells;
    private int shortest = NONE;

    public LastValue(TextInput input) {
        this.input = input;
    }

    /// Whether the line's last cell must be left out, which is counted, as is a line without an end that may
    /// stay. To be asked of every line that has the table's form.
    public boolean isCut(List<String> line) {
        String last = line.getLast().strip();
        if (line.size() != cells) {
            cells = line.size();
            shortest = NONE;
        }
        if (input.ended()) {
            shortest = shortest == NONE ? last.length() : Math.min(shortest, last.length());
            return false;
        }
        boolean cut = last.length() < shortest && (last.isEmpty() || beginsNumber(last));
        if (cut) {
            input.lost();
        } else {
            input.noteUnended();
        }
        return cut;
    }

    private static boolean beginsNumber(String text) {
        int from = "-+.".indexOf(text.charAt(0)) >= 0 ? 1 : 0;
        return from == text.length() ? from == 1 : Fields.isDigit(text.charAt(from));
    }
}
