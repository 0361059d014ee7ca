package dev.hourglass.core.read.probe;

import dev.hourglass.core.read.TextLines;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The texts that one process has told the numbers of.
final class Texts implements Values.Words {
    private final Map<Long, String> known = new HashMap<>();
    private final RecordLayout layout;

    Texts(RecordLayout layout) {
        this.layout = layout;
    }

    void tell(long number, String text) {
        known.put(number, TextLines.clean(text));
    }

    @Override
    public Optional<String> text(long number) {
        return Optional.ofNullable(known.get(number));
    }

    @Override
    public String word(String enumeration, long number) {
        return layout.words().getOrDefault(enumeration, Map.of()).getOrDefault(number, Long.toString(number));
    }
}
