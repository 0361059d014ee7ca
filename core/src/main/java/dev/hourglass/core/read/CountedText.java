package dev.hourglass.core.read;

import java.util.regex.Pattern;

/// A text that lends itself to a pattern of somebody else for so many looks at a character: a pattern may try a number
/// of ways that doubles with each character.
final class CountedText implements CharSequence {
    /// A pattern that is no trap looks at a character a few times.
    private static final long LOOKS_PER_CHARACTER = 1_000;
    /// Names are short.
    private static final long MOST_LOOKS = 10_000_000;

    /// Thrown where the looks are used up.
    static final class UsedUp extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UsedUp() {
            super("a pattern looked too often at a text", null, false, false);
        }
    }

    private final String text;
    private final long[] left;

    private CountedText(String text, long[] left) {
        this.text = text;
        this.left = left;
    }

    static CountedText of(String text) {
        return new CountedText(text, new long[] {Math.min(MOST_LOOKS, LOOKS_PER_CHARACTER * (text.length() + 100L))});
    }

    /// Whether a pattern is found in the text.
    ///
    /// @throws UsedUp if that is not known after so many looks
    static boolean holds(Pattern pattern, String text) {
        return pattern.matcher(of(text)).find();
    }

    @Override
    public int length() {
        return text.length();
    }

    @Override
    public char charAt(int index) {
        if (--left[0] < 0) {
            throw new UsedUp();
        }
        return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return new CountedText(text.substring(start, end), left);
    }

    @Override
    public String toString() {
        return text;
    }
}
