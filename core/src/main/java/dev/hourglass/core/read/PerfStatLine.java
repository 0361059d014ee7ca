package dev.hourglass.core.read;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// One line of `perf stat -x`, taken apart.
///
/// @param interval seconds since the start of the count; empty without `-I`
/// @param scope CPU, core, socket, node or thread; empty for the sum over all
/// @param value count as text, or `<not counted>` and the like
/// @param unit unit of the value; empty for plain counts
/// @param event event name
/// @param rest run time, share of it, metric and its unit; a variance of `-r` is left out
record PerfStatLine(String interval, String scope, String value, String unit, String event, List<String> rest) {

    /// Empty where no field can be the value: the line is no count.
    static Optional<PerfStatLine> parse(String line, char separator) {
        List<String> fields = List.of(line.strip().split(Pattern.quote(String.valueOf(separator)), -1));
        for (int i = 0; i + 2 < fields.size(); i++) {
            if (isCount(fields, i)) {
                return Optional.of(at(fields, i));
            }
        }
        return Optional.empty();
    }

    /// The separator of a line that holds one: the character behind the value of the first count.
    static Optional<Character> separator(String line) {
        for (char c : new char[] {',', ';', '\t', '|', '^'}) {
            if (parse(line, c).filter(PerfStatLine::isSure).isPresent()) {
                return Optional.of(c);
            }
        }
        return Optional.empty();
    }

    /// Whether the fields behind the event are a run time and a percentage, as in no other table.
    private boolean isSure() {
        return Decimals.integer(rest(0)).isPresent() && isNumber(rest(1)) && event.indexOf(' ') < 0;
    }

    private static PerfStatLine at(List<String> fields, int i) {
        String interval = i > 0 && isNumber(fields.getFirst()) ? fields.getFirst() : "";
        int from = interval.isEmpty() ? 0 : 1;
        String scope = i > from ? fields.get(from) : "";
        int event = i + 2;
        int end = event + 1;
        while (end < fields.size() && isOpen(String.join(",", fields.subList(event, end)))) {
            end++;
        }
        int rest = end < fields.size() && fields.get(end).endsWith("%") ? end + 1 : end;
        return new PerfStatLine(
                interval,
                scope,
                fields.get(i),
                fields.get(i + 1),
                String.join(",", fields.subList(event, end)),
                fields.subList(rest, fields.size()));
    }

    /// The field of rest, empty where there is none.
    String rest(int i) {
        return i < rest.size() ? rest.get(i) : "";
    }

    private static boolean isCount(List<String> fields, int i) {
        String unit = fields.get(i + 1);
        String event = fields.get(i + 2);
        return (isNumber(fields.get(i)) || fields.get(i).startsWith("<not "))
                && !isNumber(unit)
                && !unit.startsWith("<")
                && !event.isEmpty()
                && !event.startsWith("<")
                && !isNumber(event);
    }

    /// An event such as `cpu/event=0x3c,umask=0/` holds separators of its own.
    private static boolean isOpen(String event) {
        return event.chars().filter(c -> c == '/').count() % 2 == 1;
    }

    private static boolean isNumber(String text) {
        return Decimals.real(text.replace(',', '.')).isPresent();
    }
}
