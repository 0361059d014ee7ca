package dev.hourglass.core.read;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Splits one line of comma-separated values.
///
/// By line, not by file: a damaged quote then costs its own line, where a parser of whole files takes
/// everything up to the next quote for one value.
public final class CsvLine {
    private CsvLine() {}

    /// The line's values, quotes removed; empty where a quote is never closed or closes before the
    /// value's end.
    public static Optional<List<String>> split(String line) {
        List<String> values = new ArrayList<>();
        int i = 0;
        while (true) {
            boolean quoted = i < line.length() && line.charAt(i) == '"';
            int end = quoted ? closingQuote(line, i + 1) + 1 : comma(line, i);
            if ((quoted && end == 0) || (end < line.length() && line.charAt(end) != ',')) {
                return Optional.empty();
            }
            values.add(quoted ? line.substring(i + 1, end - 1).replace("\"\"", "\"") : line.substring(i, end));
            if (end == line.length()) {
                return Optional.of(values);
            }
            i = end + 1;
        }
    }

    private static int comma(String line, int from) {
        int i = line.indexOf(',', from);
        return i < 0 ? line.length() : i;
    }

    private static int closingQuote(String line, int from) {
        int i = line.indexOf('"', from);
        while (i >= 0 && i + 1 < line.length() && line.charAt(i + 1) == '"') {
            i = line.indexOf('"', i + 2);
        }
        return i;
    }
}
