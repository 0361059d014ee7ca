package dev.hourglass.core.analysis;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The number of a release, such as 0.5.14 or v0.33.0rc1, of which the numbers alone count.
record Release(List<Integer> numbers) implements Comparable<Release> {
    private static final Pattern FORM = Pattern.compile("v?(\\d{1,6}(?:\\.\\d{1,6}){0,5}).*");

    Release {
        numbers = List.copyOf(numbers);
    }

    /// Empty where the text begins with no number, such as a build's `b4916`.
    static Optional<Release> parse(String text) {
        Matcher m = FORM.matcher(text);
        if (!m.matches()) {
            return Optional.empty();
        }
        List<Integer> numbers = new ArrayList<>();
        for (String number : m.group(1).split("\\.", -1)) {
            numbers.add(Integer.parseInt(number));
        }
        return Optional.of(new Release(numbers));
    }

    @Override
    public int compareTo(Release other) {
        int longest = Math.max(numbers.size(), other.numbers.size());
        for (int i = 0; i < longest; i++) {
            int difference = Integer.compare(at(i), other.at(i));
            if (difference != 0) {
                return difference;
            }
        }
        return 0;
    }

    private int at(int i) {
        return i < numbers.size() ? numbers.get(i) : 0;
    }
}
