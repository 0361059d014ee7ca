package dev.hourglass.core.read.chrome;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the name of a copy tells, such as `Memcpy HtoD (Pageable -> Device)` or `CopyHostToDevice`.
final class CopyName {
    private static final Pattern KIND = Pattern.compile("(?<![A-Z])([HDAP])to([HDAP])(?![a-z])");
    private static final Pattern SPELT =
            Pattern.compile("(host|device|array|peer)_?to_?(host|device|array|peer)", Pattern.CASE_INSENSITIVE);
    private static final Pattern ENDS = Pattern.compile("\\(\\s*(\\w+)\\s*->\\s*(\\w+)\\s*\\)");
    private static final Map<String, byte[]> WORDS = Map.of(
            "pageable", word("pageable"),
            "pinned", word("pinned"),
            "device", word("device"),
            "managed", word("managed"),
            "array", word("array"));
    private static final byte[] UNKNOWN = word("unknown");

    private CopyName() {}

    private static byte[] word(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] kind(String name) {
        String known = letters(name);
        return known.isEmpty() ? UNKNOWN : word(known.charAt(0) + "to" + known.charAt(1));
    }

    /// The letters of the memory that is read and of the one that is written; empty where the name tells neither.
    private static String letters(String name) {
        for (Pattern pattern : List.of(KIND, SPELT)) {
            Matcher m = pattern.matcher(name);
            if (m.find()) {
                return (m.group(1).substring(0, 1) + m.group(2).charAt(0)).toUpperCase(Locale.ROOT);
            }
        }
        return name.contains("Peer") ? "PP" : "";
    }

    static byte[] from(String name) {
        return end(name, 1);
    }

    static byte[] to(String name) {
        return end(name, 2);
    }

    private static byte[] end(String name, int group) {
        Matcher m = ENDS.matcher(name);
        if (m.find()) {
            return WORDS.getOrDefault(m.group(group).toLowerCase(Locale.ROOT), UNKNOWN);
        }
        String known = letters(name);
        // Of the host's memory it does not tell whether it is pinned.
        return known.isEmpty()
                ? UNKNOWN
                : switch (known.charAt(group - 1)) {
                    case 'D', 'P' -> WORDS.getOrDefault("device", UNKNOWN);
                    case 'A' -> WORDS.getOrDefault("array", UNKNOWN);
                    default -> UNKNOWN;
                };
    }

    /// The framework's device types by number.
    static byte[] deviceType(long number) {
        return switch ((int) number) {
            case 0 -> word("cpu");
            case 1 -> word("cuda");
            case 6 -> word("hip");
            case 12 -> word("xpu");
            default -> word(Long.toString(number));
        };
    }
}
