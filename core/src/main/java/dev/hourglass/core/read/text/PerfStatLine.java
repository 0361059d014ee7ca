package dev.hourglass.core.read.text;

import dev.hourglass.core.read.Decimals;
import dev.hourglass.core.read.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One line of `perf stat`, taken apart.
///
/// @param interval seconds since the start of the count; empty without `-I`
/// @param scope CPU, core, socket, node or thread; empty for the sum over all
/// @param value count as text, or `<not counted>` and the like
/// @param unit unit of the value; empty for plain counts
/// @param event event name
/// @param variance of repeated runs (`-r`) as text with its percent sign; empty for none
/// @param rest run time, share of it, metric and its unit
record PerfStatLine(
        String interval, String scope, String value, String unit, String event, String variance, List<String> rest) {
    private static final int NONE_OF_AN_EVENT = 3;
    /// Members of `-j` that are numbers.
    private static final List<String> NUMBERS =
            List.of("\"counter-value\"", "\"pcnt-running\"", "\"metric-value\"", "\"interval\"");
    /// Units of values; none of a plain count.
    private static final Set<String> UNITS =
            Set.of("", "msec", "ns", "%", "Bytes", "KiB", "MiB", "GiB", "MB", "GB/s", "Joules", "C");
    /// Digits of a run time in nanoseconds.
    private static final int LONGEST_RUN_DIGITS = 18;
    private static final List<String> SCOPES = List.of("cpu", "core", "die", "socket", "node", "thread", "cgroup");
    /// Fields of a line; one with more is no count.
    private static final int MOST_FIELDS = 1024;

    /// Empty where no field can be the value: the line is no count.
    static Optional<PerfStatLine> parse(String line, char separator) {
        List<String> fields = fields(line.strip(), separator);
        for (int i = 0; i + 2 < fields.size(); i++) {
            if (isCount(fields, i)) {
                return Optional.of(at(fields, i));
            }
        }
        return Optional.empty();
    }

    /// A line with a further metric of the event before: no value, unit and event, and at the end the metric
    /// with its unit. Empty where the line is none.
    static Optional<PerfStatLine> metric(String line, char separator) {
        List<String> fields = fields(withoutOuterSpaces(line), separator);
        int metric = fields.size() - 2;
        for (int i = 0; i + NONE_OF_AN_EVENT <= metric; i++) {
            List<String> between = fields.subList(i, metric);
            if (between.subList(0, NONE_OF_AN_EVENT).stream().allMatch(String::isEmpty)) {
                List<String> running =
                        between.stream().filter(field -> !field.isEmpty()).toList();
                return isMetric(fields.subList(metric, metric + 2))
                                && running.stream().allMatch(PerfStatLine::isNumber)
                        ? Optional.of(metric(fields, i, running))
                        : Optional.empty();
            }
        }
        return Optional.empty();
    }

    private static List<String> fields(String line, char separator) {
        List<String> fields = Fields.between(line, separator);
        return fields.size() > MOST_FIELDS ? List.of() : fields;
    }

    /// Without tabs, which may be separators with nothing between.
    private static String withoutOuterSpaces(String line) {
        int from = Fields.end(line, 0, c -> c == ' ');
        int to = line.length();
        while (to > from && line.charAt(to - 1) == ' ') {
            to--;
        }
        return line.substring(from, to);
    }

    private static PerfStatLine metric(List<String> fields, int i, List<String> running) {
        List<String> rest = new ArrayList<>(running.size() == 2 ? running : List.of("", ""));
        rest.addAll(fields.subList(fields.size() - 2, fields.size()));
        String interval = interval(fields, i);
        return new PerfStatLine(interval, scope(fields, interval, i), "", "", "", "", rest);
    }

    private static boolean isMetric(List<String> valueAndUnit) {
        String value = valueAndUnit.getFirst();
        return (isNumber(value) || Decimals.isNonFinite(value))
                && !valueAndUnit.get(1).isBlank();
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
        return Decimals.integer(running()).isPresent() && isNumber(percent()) && event.indexOf(' ') < 0;
    }

    /// Whether a line whose separator is a comma has decimal commas too: perf prints the share of the run time with
    /// two decimals, which then stand in a field of their own. Where a field ends is then a guess.
    static boolean hasDecimalCommas(String line) {
        List<String> fields = fields(line.strip(), ',');
        for (int i = 3; i + 2 < fields.size(); i++) {
            boolean shared = isDigits(fields.get(i), 1, LONGEST_RUN_DIGITS)
                    && (isDigits(fields.get(i + 1), 1, 2) || fields.get(i + 1).equals("100"))
                    && isDigits(fields.get(i + 2), 2, 2);
            if (shared && endsEvent(fields, fields.get(i - 1).endsWith("%") ? i - 3 : i - 1)) {
                return true;
            }
        }
        return false;
    }

    /// Whether a field is the last one of an event, before which a unit of perf and a value stand.
    private static boolean endsEvent(List<String> fields, int last) {
        int event = last;
        boolean open = event > 0 && isOpen(fields.get(event));
        while (open && event > 0) {
            event--;
            open = !isOpen(fields.get(event));
        }
        return event >= 2
                && !fields.get(event).isEmpty()
                && !isNumber(fields.get(event))
                && UNITS.contains(fields.get(event - 1))
                && (isNumber(fields.get(event - 2)) || fields.get(event - 2).startsWith("<not "));
    }

    /// Whether a line of `-j` has numbers with decimal commas, which end JSON's numbers.
    static boolean hasDecimalCommasInJson(String line) {
        for (String member : NUMBERS) {
            int value = line.indexOf(member);
            if (value >= 0) {
                int digits = Fields.end(line, value + member.length(), c -> " \t:\"-".indexOf(c) >= 0);
                int comma = Fields.end(line, digits, Fields::isDigit);
                boolean goesOn = comma > digits
                        && comma + 1 < line.length()
                        && line.charAt(comma) == ','
                        && Fields.isDigit(line.charAt(comma + 1));
                if (goesOn) {
                    return true;
                }
            }
        }
        return false;
    }

    /// Whether a text is nothing but so many digits.
    private static boolean isDigits(String text, int least, int most) {
        return text.length() >= least && text.length() <= most && Fields.isDigits(text);
    }

    private static PerfStatLine at(List<String> fields, int i) {
        String interval = interval(fields, i);
        int event = i + 2;
        int end = event + 1;
        boolean open = isOpen(fields.get(event));
        while (end < fields.size() && open) {
            open ^= isOpen(fields.get(end));
            end++;
        }
        boolean varied = end < fields.size() && fields.get(end).endsWith("%");
        return new PerfStatLine(
                interval,
                scope(fields, interval, i),
                fields.get(i),
                fields.get(i + 1),
                String.join(",", fields.subList(event, end)),
                varied ? fields.get(end) : "",
                fields.subList(varied ? end + 1 : end, fields.size()));
    }

    /// Seconds that stand before the field `i`.
    private static String interval(List<String> fields, int i) {
        return i > 0 && isNumber(fields.getFirst()) ? fields.getFirst() : "";
    }

    private static String scope(List<String> fields, String interval, int i) {
        int from = interval.isEmpty() ? 0 : 1;
        return i > from ? fields.get(from) : "";
    }

    /// A line that `-j` wrote, by the names of its members.
    static PerfStatLine of(Map<String, String> members) {
        String metricUnit = members.getOrDefault("metric-unit", "");
        return new PerfStatLine(
                members.getOrDefault("interval", ""),
                SCOPES.stream()
                        .map(scope -> members.getOrDefault(scope, ""))
                        .filter(scope -> !scope.isEmpty())
                        .findFirst()
                        .orElse(""),
                members.getOrDefault("counter-value", ""),
                members.getOrDefault("unit", ""),
                members.getOrDefault("event", ""),
                members.getOrDefault("variance", ""),
                List.of(
                        members.getOrDefault("event-runtime", ""),
                        members.getOrDefault("pcnt-running", ""),
                        metricUnit.isEmpty() ? "" : members.getOrDefault("metric-value", ""),
                        metricUnit));
    }

    /// The line with points in numbers that were printed with decimal commas.
    PerfStatLine withPoints() {
        return new PerfStatLine(
                point(interval),
                scope,
                point(value),
                unit,
                event,
                variance,
                List.of(running(), point(percent()), point(metric()), metricUnit()));
    }

    private static String point(String number) {
        return number.replace(',', '.');
    }

    /// Nanoseconds that the event was counted for.
    String running() {
        return rest(0);
    }

    /// How much that is of the time the event was asked for.
    String percent() {
        return rest(1);
    }

    String metric() {
        return rest(2);
    }

    String metricUnit() {
        return rest(3);
    }

    private String rest(int i) {
        return i < rest.size() ? rest.get(i) : "";
    }

    private static boolean isCount(List<String> fields, int i) {
        String unit = fields.get(i + 1);
        String event = fields.get(i + 2);
        return (isNumber(fields.get(i)) || fields.get(i).startsWith("<not "))
                && !isNumber(unit)
                && !Decimals.isNonFinite(unit)
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
        return Decimals.real(point(text)).isPresent();
    }
}
