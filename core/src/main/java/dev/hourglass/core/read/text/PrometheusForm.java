package dev.hourglass.core.read.text;

import dev.hourglass.core.read.Fields;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What tells lines of the Prometheus text format from those of other texts.
final class PrometheusForm {
    private static final Set<String> TYPES = Set.of(
            "counter", "gauge", "histogram", "gaugehistogram", "summary", "untyped", "unknown", "info", "stateset");
    private static final List<String> SUFFIXES = List.of("_bucket", "_sum", "_count", "_total", "_created");
    private static final List<String> ENGINES = List.of("vllm:", "sglang:", "llamacpp:");
    private static final String DECLARES = "# TYPE ";

    private PrometheusForm() {}

    /// A metric and the type that a comment declares for it.
    record Declared(String metric, String type) {}

    /// Empty where the line declares no type.
    static Optional<Declared> type(String line) {
        if (!line.startsWith(DECLARES)) {
            return Optional.empty();
        }
        List<String> words = Fields.words(line.substring(DECLARES.length()));
        return words.size() == 2 && TYPES.contains(words.get(1))
                ? Optional.of(new Declared(words.getFirst(), words.get(1)))
                : Optional.empty();
    }

    /// A metric's name without the suffix of one of its series.
    static String withoutSuffix(String name) {
        for (String suffix : SUFFIXES) {
            if (name.endsWith(suffix)) {
                return name.substring(0, name.length() - suffix.length());
            }
        }
        return name;
    }

    /// Whether it is a sample of an engine that is known.
    static boolean isOfEngine(String line) {
        for (String engine : ENGINES) {
            int end = line.startsWith(engine) ? Fields.end(line, engine.length(), Fields::isWordPart) : 0;
            if (end > engine.length() && end < line.length() && " {".indexOf(line.charAt(end)) >= 0) {
                return PrometheusLine.parse(line).isPresent();
            }
        }
        return false;
    }

    /// Whether it is a name, labels or none, a value, a time or none: all that a line without any comment around has.
    static boolean isSample(String line) {
        int name = Fields.end(line, 0, c -> Fields.isWordPart(c) || c == ':');
        boolean named = name > 0
                && !Fields.isDigit(line.charAt(0))
                && (name == 1 || line.charAt(name - 1) != ':')
                && (name == line.length() || " \t{".indexOf(line.charAt(name)) >= 0);
        return named
                && PrometheusLine.parse(line)
                        .filter(sample -> sample.time().isEmpty() || isTime(sample.time()))
                        .isPresent();
    }

    private static boolean isTime(String text) {
        int from = "+-".indexOf(text.charAt(0)) >= 0 ? 1 : 0;
        return from < text.length() && Fields.end(text, from, c -> Fields.isDigit(c) || c == '.') == text.length();
    }

    /// Whether it begins with a name that no word of a language is: with an underscore or a colon inside, or labels
    /// behind.
    static boolean hasTellingName(String line) {
        int word = Fields.end(line, 0, Fields::isWordPart);
        boolean compound =
                word + 1 < line.length() && line.charAt(word) == ':' && Fields.isWordPart(line.charAt(word + 1));
        boolean labelled = word < line.length() && line.charAt(word) == '{';
        return word > 0 && (line.substring(1, word).indexOf('_') >= 0 || compound || labelled);
    }
}
