package dev.hourglass.core.read.chrome;

import java.util.Arrays;
import java.util.function.IntPredicate;

/// Something that is true of some texts and not of others, found out once for each.
final class KnownTexts {
    private static final byte UNKNOWN = 0;
    private static final byte NO = 1;
    private static final byte YES = 2;

    private final IntPredicate asked;
    private byte[] known = new byte[256];

    /// @param asked whether it is true of the text with a number
    KnownTexts(IntPredicate asked) {
        this.asked = asked;
    }

    boolean is(int text) {
        if (text >= known.length) {
            known = Arrays.copyOf(known, Integer.highestOneBit(text) << 1);
        }
        if (known[text] == UNKNOWN) {
            known[text] = asked.test(text) ? YES : NO;
        }
        return known[text] == YES;
    }
}
