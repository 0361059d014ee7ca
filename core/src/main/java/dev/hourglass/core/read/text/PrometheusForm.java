package dev.hourglass.core.read.text;

import dev.hourglass.core.read.Fields;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What tells lines of the Prometheus text format from those of other texts.
final class PrometheusForm {
    private static final Set<String> TYPES = Set.of(
            "counter", "gauge", "histogram", "gaugehistogram", "summary", "untyped", "unknown", "info", "stateset");
    private static final String CREATED = "_created";
    private static final String TOTAL = "_total";
    private static final List<String> OF_DISTRIBUTIONS = List.of("_bucket", "_sum", "_count");
    /// What stands behind the metric's name in the names of its series, by its type.
    private static final Map<String, List<String>> SUFFIXES = Map.of(
            "counter", List.of(TOTAL, CREATED),
            "histogram", List.of("_bucket", "_sum", "_count", CREATED),
            "gaugehistogram", List.of("_bucket", "_gsum", "_gcount"),
            "summary", List.of("_sum", "_count", CREATED),
            "info", List.of("_info"));
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

    /// The metric that a series is of, with its type; empty where none is declared that has such a series. A name
    /// that only begins like that of a counter is no counter.
    static Optional<Declared> family(String series, Map<String, String> types) {
        String own = types.get(series);
        if (own != null) {
            return Optional.of(new Declared(series, own));
        }
        int suffix = series.lastIndexOf('_');
        String metric = suffix < 0 ? series : series.substring(0, suffix);
        String type = types.getOrDefault(metric, "");
        return SUFFIXES.getOrDefault(type, List.of()).contains(series.substring(metric.length()))
                ? Optional.of(new Declared(metric, type))
                : Optional.empty();
    }

    /// Whether a series tells the moment at which another one began to count.
    static boolean isMoment(String series) {
        return series.endsWith(CREATED);
    }

    /// The name of the counter that a series without a declared type is, by its own name.
    static String counter(String series) {
        return series.endsWith(TOTAL) ? series.substring(0, series.length() - TOTAL.length()) : series;
    }

    /// The name of the distribution that a series without a declared type is a part of, by its own name.
    static Optional<String> distribution(String series) {
        return OF_DISTRIBUTIONS.stream()
                .filter(series::endsWith)
                .map(suffix -> series.substring(0, series.length() - suffix.length()))
                .findFirst();
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
