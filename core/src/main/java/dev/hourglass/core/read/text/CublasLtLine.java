package dev.hourglass.core.read.text;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One line of a cuBLASLt log: `[time][cublasLt][pid][level][function] key=value …`, where a value
/// may be a bracketed list of such pairs. Old versions write no time.
///
/// @param time local time to the second as logged, empty in old versions
/// @param process operating-system process id
/// @param level Api, Trace, Hint, Info or Error
/// @param function the library's function
/// @param values by key; those inside brackets by `outer.inner`
record CublasLtLine(String time, String process, String level, String function, Map<String, String> values) {
    private static final Pattern HEAD = Pattern.compile(
            "(?:\\[(\\d{4}-\\d\\d-\\d\\d[ T][^\\]]*)\\])?\\[cublasLt\\]\\[(\\d+)\\]\\[(\\w+)\\]\\[(\\w+)\\]\\s*");

    /// Empty where the line is no line of such a log.
    static Optional<CublasLtLine> parse(String line) {
        Matcher head = HEAD.matcher(line);
        if (!head.lookingAt()) {
            return Optional.empty();
        }
        Map<String, String> values = new HashMap<>();
        pairs(line.substring(head.end()), "", values);
        String time = head.group(1) == null ? "" : head.group(1);
        return Optional.of(new CublasLtLine(time, head.group(2), head.group(3), head.group(4), values));
    }

    String value(String key) {
        return values.getOrDefault(key, "");
    }

    /// Whether every bracket that the line opens is closed: false for a line that was cut.
    static boolean isWhole(String line) {
        int depth = 0;
        for (int i = 0; i < line.length(); i++) {
            depth += line.charAt(i) == '[' ? 1 : line.charAt(i) == ']' ? -1 : 0;
        }
        return depth == 0;
    }

    private static void pairs(String text, String prefix, Map<String, String> values) {
        int i = 0;
        while (i < text.length()) {
            int equals = text.indexOf('=', i);
            if (equals < 0) {
                return;
            }
            String key = text.substring(text.lastIndexOf(' ', equals) + 1, equals);
            int end = endOfValue(text, equals + 1);
            String value = text.substring(equals + 1, end);
            if (value.startsWith("[") && value.endsWith("]") && prefix.isEmpty()) {
                pairs(value.substring(1, value.length() - 1), key + ".", values);
            } else {
                values.put(prefix + key, value);
            }
            i = end + 1;
        }
    }

    private static int endOfValue(String text, int from) {
        int depth = 0;
        int i = from;
        while (i < text.length() && (depth > 0 || text.charAt(i) != ' ')) {
            depth += text.charAt(i) == '[' ? 1 : text.charAt(i) == ']' ? -1 : 0;
            i++;
        }
        return i;
    }
}
