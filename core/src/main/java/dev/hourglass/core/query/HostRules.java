package dev.hourglass.core.query;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// A table of rules over the functions of a host: the first that matches decides.
///
/// No pattern meets a name: parts of a file's path are sought as they are, words of a function's name are compared
/// whole. `host-layers.txt` says how a rule is written.
final class HostRules {
    /// Of a name, this much is read.
    private static final int READ = 512;

    private static final String ANY = "*";

    /// Alternatives, each of parts that must all be there; none: anything.
    private record Terms(List<List<String>> any) {
        static Terms of(String written) {
            return written.equals(ANY)
                    ? new Terms(List.of())
                    : new Terms(List.of(written.split(" ")).stream()
                            .map(term -> List.of(term.split("\\+")))
                            .toList());
        }

        boolean inPath(String path) {
            return any.isEmpty() || any.stream().anyMatch(all -> all.stream().allMatch(path::contains));
        }

        boolean inWords(Set<String> words) {
            return any.isEmpty() || any.stream().anyMatch(words::containsAll);
        }
    }

    private record Rule(String layer, Terms file, Terms function) {}

    private final List<Rule> rules;

    private HostRules(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    /// Reads a file of this package.
    static HostRules read(String file) {
        List<Rule> rules = new ArrayList<>();
        for (String line : SqlFile.read(file).lines().toList()) {
            List<String> cells = List.of(line.split(" \\| "));
            if (!line.startsWith("#") && cells.size() == 4) {
                rules.add(new Rule(cells.get(0), Terms.of(cells.get(1)), Terms.of(cells.get(2))));
            }
        }
        return new HostRules(rules);
    }

    /// What the first rule that matches answers.
    ///
    /// @param file empty for what is no function of a file
    Optional<String> layer(String file, String function) {
        String path = "/" + file.substring(Math.max(0, file.length() - READ)).toLowerCase(Locale.ROOT);
        Set<String> words = words(function);
        return rules.stream()
                .filter(rule -> rule.file().inPath(path) && rule.function().inWords(words))
                .map(Rule::layer)
                .findFirst();
    }

    /// Every answer that the table has, in its order.
    List<String> layers() {
        return rules.stream().map(Rule::layer).distinct().toList();
    }

    /// The words of a name in lower case: what stands between other characters than letters and digits, and between
    /// humps.
    static Set<String> words(String name) {
        Set<String> words = new LinkedHashSet<>();
        int end = Math.min(name.length(), READ);
        int begin = 0;
        for (int at = 0; at <= end; at++) {
            boolean inside = at < end && (Names.isLetter(name, at) || Names.isDigit(name, at));
            if (!inside || isHump(name, at)) {
                add(words, name.substring(Math.min(begin, at), at));
                begin = inside ? at : at + 1;
            }
        }
        return words;
    }

    private static boolean isHump(String name, int at) {
        return at > 0 && Character.isUpperCase(name.charAt(at)) && Character.isLowerCase(name.charAt(at - 1));
    }

    private static void add(Set<String> words, String word) {
        if (!word.isEmpty()) {
            words.add(word.toLowerCase(Locale.ROOT));
        }
    }
}
