package dev.hourglass.core.read.text;

import dev.hourglass.core.read.Fields;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One line of a cuBLASLt log: `[time][cublasLt][pid][level][function] key=value …`, where a value
/// may be a bracketed list of such pairs. Old versions write no time.
///
/// @param time local time to the second as logged, empty in old versions
/// @param process operating-system process id
/// @param level Api, Trace, Hint, Info or Error
/// @param function the library's function
/// @param values by key; those inside brackets by `outer.inner`
record CublasLtLine(String time, String process, String level, String function, Map<String, String> values) {
    private static final int DIGITS_OF_A_DATE = "2026-01-01".length();

    /// Empty where the line is no line of such a log.
    static Optional<CublasLtLine> parse(String line) {
        List<String> heads = new ArrayList<>();
        int at = 0;
        boolean dated = false;
        while (line.startsWith("[", at) && heads.size() < (dated ? 5 : 4)) {
            int close = line.indexOf(']', at);
            if (close < 0) {
                return Optional.empty();
            }
            heads.add(line.substring(at + 1, close));
            dated = isDate(heads.getFirst());
            at = close + 1;
        }
        String time = dated ? heads.removeFirst() : "";
        boolean ours = heads.size() == 4
                && heads.getFirst().equals("cublasLt")
                && Fields.isDigits(heads.get(1))
                && Fields.isWord(heads.get(2))
                && Fields.isWord(heads.getLast());
        if (!ours) {
            return Optional.empty();
        }
        Map<String, String> values = new HashMap<>();
        pairs(line.substring(at).stripLeading(), "", values);
        return Optional.of(new CublasLtLine(time, heads.get(1), heads.get(2), heads.getLast(), values));
    }

    private static boolean isDate(String text) {
        boolean separated = text.length() > DIGITS_OF_A_DATE
                && " T".indexOf(text.charAt(DIGITS_OF_A_DATE)) >= 0
                && text.charAt(4) == '-'
                && text.charAt(7) == '-';
        return separated && Fields.isDigits(text.substring(0, DIGITS_OF_A_DATE).replace("-", ""));
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
