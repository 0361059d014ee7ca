package dev.hourglass.core.read;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the name of a copy tells, such as `Memcpy HtoD (Pageable -> Device)`.
final class CopyName {
    private static final Pattern KIND = Pattern.compile("\\b([HDAP]to[HDAP])\\b");
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
        Matcher m = KIND.matcher(name);
        return m.find() ? word(m.group(1)) : name.contains("PtoP") || name.contains("Peer") ? word("PtoP") : UNKNOWN;
    }

    static byte[] from(String name) {
        return end(name, 1);
    }

    static byte[] to(String name) {
        return end(name, 2);
    }

    private static byte[] end(String name, int group) {
        Matcher m = ENDS.matcher(name);
        return m.find() ? WORDS.getOrDefault(m.group(group).toLowerCase(Locale.ROOT), UNKNOWN) : UNKNOWN;
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
