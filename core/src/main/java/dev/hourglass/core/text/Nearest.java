package dev.hourglass.core.text;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// Names near to a mistyped one.
public final class Nearest {
    private static final int MOST = 3;

    private Nearest() {}

    /// At most three names: those that begin with the word first, then those that contain it or are few
    /// edits away, nearest first.
    public static List<String> of(String word, Collection<String> names) {
        String wanted = word.toLowerCase(Locale.ROOT);
        return names.stream()
                .filter(name -> distance(wanted, name) <= Math.max(2, wanted.length() / 3)
                        || (wanted.length() > 1 && name.contains(wanted)))
                .sorted(Comparator.comparing((String name) -> !name.startsWith(wanted))
                        .thenComparingInt(name -> distance(wanted, name)))
                .limit(MOST)
                .toList();
    }

    /// `; did you mean a, b?`, or nothing where no name is near.
    public static String hint(String word, Collection<String> names) {
        List<String> near = of(word, names);
        return near.isEmpty() ? "" : "; did you mean " + String.join(", ", near) + "?";
    }

    /// Levenshtein's edit distance.
    static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(change, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
