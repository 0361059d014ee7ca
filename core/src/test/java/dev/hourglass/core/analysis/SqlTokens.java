package dev.hourglass.core.analysis;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The words of a file of SQL, comments left out: enough of a reader to change one of them.
final class SqlTokens {
    enum Kind {
        WORD,
        NUMBER,
        TEXT,
        SIGN
    }

    /// @param depth parentheses around it; a parenthesis itself is outside
    record Token(Kind kind, String text, int start, int end, int depth) {
        boolean is(String word) {
            return kind != Kind.TEXT && text.equalsIgnoreCase(word);
        }

        boolean isOne(Set<String> words) {
            return kind != Kind.TEXT && words.contains(text.toUpperCase(Locale.ROOT));
        }
    }

    private static final Pattern TOKEN = Pattern.compile("(?<comment>--[^\\n]*)|(?<text>'(?:[^']|'')*'|\"[^\"]*\")"
            + "|(?<number>\\d+(?:\\.\\d+)?(?:e\\d+)?)|(?<word>[$]?[A-Za-z_]\\w*)"
            + "|(?<sign><=|>=|<>|::|\\|\\||->>|->|\\S)");
    private static final Set<String> CLAUSES = Set.of(
            "GROUP", "ORDER", "HAVING", "QUALIFY", "WINDOW", "LIMIT", "UNION", "WHERE", "JOIN", "LEFT", "CROSS", "ASOF",
            "ON", "THEN", ";");
    private static final Token END = new Token(Kind.SIGN, "", 0, 0, 0);

    private final List<Token> tokens = new ArrayList<>();

    SqlTokens(String sql) {
        int depth = 0;
        for (Matcher m = TOKEN.matcher(sql); m.find(); ) {
            if (m.group("comment") == null) {
                depth -= m.group().equals(")") ? 1 : 0;
                tokens.add(new Token(kind(m), m.group(), m.start(), m.end(), depth));
                depth += m.group().equals("(") ? 1 : 0;
            }
        }
    }

    private static Kind kind(Matcher m) {
        return m.group("text") != null
                ? Kind.TEXT
                : m.group("number") != null ? Kind.NUMBER : m.group("word") != null ? Kind.WORD : Kind.SIGN;
    }

    int size() {
        return tokens.size();
    }

    /// An empty token beyond both ends.
    Token at(int i) {
        return i < 0 || i >= tokens.size() ? END : tokens.get(i);
    }

    /// The parenthesis that closes the one at a place.
    int closing(int open) {
        int i = open + 1;
        while (i < size() && !(at(i).is(")") && at(i).depth() == at(open).depth())) {
            i++;
        }
        return i;
    }

    /// The first token behind a condition that begins at a place.
    int endOfCondition(int from) {
        int i = from;
        int depth = at(from).depth();
        while (i < size() && at(i).depth() >= depth && !(at(i).depth() == depth && at(i).isOne(CLAUSES))) {
            i++;
        }
        return i;
    }

    /// Places where the parts of a condition begin that AND joins, and one beyond its last token.
    List<Integer> conjuncts(int from, int to) {
        List<Integer> begins = new ArrayList<>(List.of(from));
        int cases = 0;
        boolean between = false;
        for (int i = from; i < to; i++) {
            if (at(i).depth() == at(from).depth()) {
                cases += at(i).is("CASE") ? 1 : at(i).is("END") ? -1 : 0;
                if (at(i).is("BETWEEN")) {
                    between = true;
                } else if (at(i).is("AND") && cases == 0) {
                    if (!between) {
                        begins.add(i + 1);
                    }
                    between = false;
                }
            }
        }
        begins.add(to + 1);
        return begins;
    }
}
