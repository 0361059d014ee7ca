package dev.hourglass.core.read.text;

import dev.hourglass.core.read.Decimals;
import dev.hourglass.core.read.Fields;
import dev.hourglass.core.text.Json;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// One sample of the Prometheus text format: `name{label="value",…} value [time]`.
///
/// @param name metric name, suffix included
/// @param labels by name
/// @param value as printed
/// @param time as printed; empty where there is none
record PrometheusLine(String name, SortedMap<String, String> labels, String value, String time) {

    /// Empty where the line is no sample.
    static Optional<PrometheusLine> parse(String line) {
        return new Parser(line.strip()).parse();
    }

    /// The labels as JSON, keys sorted.
    String labelsJson() {
        return Json.line(labels);
    }

    /// What a backslash escapes; before anything else it stands for itself.
    private static final String ESCAPED = "\\\"n";

    /// Walks over one line.
    private static final class Parser {
        private final String line;
        private int at;
        private String name = "";
        private final SortedMap<String, String> labels = new TreeMap<>();

        Parser(String line) {
            this.line = line;
        }

        Optional<PrometheusLine> parse() {
            name = word();
            if (at < line.length() && line.charAt(at) == '{' && !labels()) {
                return Optional.empty();
            }
            int exemplar = line.indexOf(" # ", at);
            List<String> rest = Fields.words(line.substring(at, exemplar < 0 ? line.length() : exemplar));
            if (name.isEmpty() || rest.size() > 2 || !isValue(rest.getFirst())) {
                return Optional.empty();
            }
            return Optional.of(
                    new PrometheusLine(name, labels, rest.getFirst(), rest.size() == 2 ? rest.getLast() : ""));
        }

        private String word() {
            int from = at;
            while (at < line.length()
                    && (Character.isLetterOrDigit(line.charAt(at)) || "_:.".indexOf(line.charAt(at)) >= 0)) {
                at++;
            }
            return line.substring(from, at);
        }

        private boolean labels() {
            at++;
            while (at < line.length()) {
                skip(" ,");
                if (at < line.length() && line.charAt(at) == '}') {
                    at++;
                    return true;
                }
                if (!label()) {
                    return false;
                }
            }
            return false;
        }

        /// A pair, or the metric's own name in quotes.
        private boolean label() {
            boolean quoted = at < line.length() && line.charAt(at) == '"';
            Optional<String> key = quoted ? text() : Optional.of(word());
            skip(" ");
            if (key.isEmpty() || key.get().isEmpty()) {
                return false;
            }
            if (at >= line.length() || line.charAt(at) != '=') {
                name = name.isEmpty() ? key.get() : name;
                return quoted;
            }
            at++;
            skip(" ");
            Optional<String> value = text();
            value.ifPresent(v -> labels.put(key.get(), v));
            return value.isPresent();
        }

        private Optional<String> text() {
            if (at >= line.length() || line.charAt(at) != '"') {
                return Optional.empty();
            }
            StringBuilder text = new StringBuilder();
            for (at++; at < line.length() && line.charAt(at) != '"'; at++) {
                char c = line.charAt(at);
                boolean escape = c == '\\'
                        && at + 1 < line.length()
                        && ESCAPED.indexOf(line.charAt(at + 1)) >= 0
                        && !isDrive(text);
                if (escape) {
                    at++;
                    text.append(line.charAt(at) == 'n' ? '\n' : line.charAt(at));
                } else {
                    text.append(c);
                }
            }
            if (at >= line.length()) {
                return Optional.empty();
            }
            at++;
            return Optional.of(text.toString());
        }

        /// Whether a path follows the letter of a drive, of which nothing escapes the backslash.
        private boolean isDrive(StringBuilder text) {
            return text.length() == 2 && text.charAt(1) == ':' && line.charAt(at + 1) == 'n';
        }

        private void skip(String characters) {
            while (at < line.length() && characters.indexOf(line.charAt(at)) >= 0) {
                at++;
            }
        }

        private static boolean isValue(String text) {
            return Decimals.real(text).isPresent() || Decimals.isNonFinite(text);
        }
    }
}
