package dev.hourglass.core.query;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A table of rules over the names of kernels: the first that matches decides.
///
/// Words are sought as they are; no pattern meets a name, so that the time grows with its length alone.
/// `kernel-classes.txt`
/// says how a rule is written.
final class KernelRules {
    /// Of a name, this much is read: real ones have some 1500 characters.
    static final int READ = 4096;

    private static final String ANY = "*";
    /// The name of a library that reads as part of an operation's.
    private static final String MISLEADING = "flashinfer";

    /// A word, or what else may be said of one.
    private record Word(String text, boolean first, boolean absent, boolean plain) {
        static Word of(String written) {
            boolean first = written.startsWith("^");
            boolean absent = written.startsWith("!");
            String text = first || absent ? written.substring(1) : written;
            return new Word(text, first, absent, text.indexOf('_') < 0 && text.indexOf(':') < 0);
        }

        boolean matches(Name name) {
            String where = plain ? name.plain : name.written;
            return first ? where.startsWith(text) : where.contains(text) != absent;
        }
    }

    /// Alternatives, each of words that must all match; none: any name.
    private record Terms(List<List<Word>> any) {
        static Terms of(String written) {
            if (written.equals(ANY)) {
                return new Terms(List.of());
            }
            return new Terms(List.of(written.split(" ")).stream()
                    .map(term ->
                            List.of(term.split("\\+")).stream().map(Word::of).toList())
                    .toList());
        }

        boolean match(Name name) {
            return any.isEmpty() || any.stream().anyMatch(all -> all.stream().allMatch(word -> word.matches(name)));
        }
    }

    private record Rule(String answer, List<Terms> conditions) {}

    /// A name as the rules read it.
    static final class Name {
        private final String written;
        private final String plain;

        Name(String name) {
            String lower = name.substring(0, Math.min(name.length(), READ)).toLowerCase(Locale.ROOT);
            String bare = lower.startsWith("void ") ? lower.substring("void ".length()) : lower;
            written = bare.replace(MISLEADING, "");
            plain = written.replace("_", "");
        }
    }

    private final List<Rule> rules = new ArrayList<>();

    /// Reads a file of this package.
    ///
    /// @param subject empty: the first column is the answer. A class: only its lines are read, and the
    ///     second column is the answer
    KernelRules(String file, String subject) {
        for (String line : SqlFile.read(file).lines().toList()) {
            List<String> cells = List.of(line.split(" \\| "));
            if (line.startsWith("#") || cells.size() != 4) {
                continue;
            }
            if (subject.isEmpty()) {
                rules.add(new Rule(cells.get(0), List.of(Terms.of(cells.get(1)), Terms.of(cells.get(2)))));
            } else if (cells.get(0).equals(subject)) {
                rules.add(new Rule(cells.get(1), List.of(Terms.of(cells.get(2)))));
            }
        }
    }

    /// What the first rule that matches answers.
    Optional<String> answer(Name name) {
        return rules.stream()
                .filter(rule -> rule.conditions().stream().allMatch(terms -> terms.match(name)))
                .map(Rule::answer)
                .findFirst();
    }

    /// Every answer that the table has, in its order.
    List<String> answers() {
        return rules.stream().map(Rule::answer).distinct().toList();
    }
}
