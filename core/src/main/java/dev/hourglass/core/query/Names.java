package dev.hourglass.core.query;

import java.util.ArrayList;
import java.util.List;

/// The characters of which names are made. Only the alphabet of programs counts, whatever else a name holds.
final class Names {
    private Names() {}

    static boolean isDigit(CharSequence text, int at) {
        return at >= 0 && at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9';
    }

    static boolean isLetter(CharSequence text, int at) {
        if (at < 0 || at >= text.length()) {
            return false;
        }
        int lower = text.charAt(at) | 0x20;
        return lower >= 'a' && lower <= 'z';
    }

    /// Whether a character can stand in an identifier.
    static boolean isPart(CharSequence text, int at) {
        return isLetter(text, at) || isDigit(text, at) || (at >= 0 && at < text.length() && text.charAt(at) == '_');
    }

    /// The end of the identifier or number that begins at a place.
    static int endOfWord(CharSequence text, int from) {
        int end = from;
        while (isPart(text, end)) {
            end++;
        }
        return end;
    }

    /// A text of at most so many characters, the last of them an ellipsis where something is left out.
    static String cut(String text, int longest) {
        if (text.length() <= longest) {
            return text;
        }
        int end = longest - 1;
        return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "…";
    }

    /// The runs of letters and digits of a text, in order, a number with its sign.
    ///
    /// @param most how many are read
    static List<String> runs(CharSequence text, int most) {
        List<String> all = new ArrayList<>();
        int at = 0;
        while (at < text.length() && all.size() < most) {
            int begin = at;
            at += text.charAt(at) == '-' && isDigit(text, at + 1) ? 1 : 0;
            while (isLetter(text, at) || isDigit(text, at)) {
                at++;
            }
            if (at > begin) {
                all.add(text.subSequence(begin, at).toString());
            } else {
                at++;
            }
        }
        return all;
    }
}
