package dev.hourglass.core.analysis;

import dev.hourglass.core.analysis.SqlTokens.Kind;
import dev.hourglass.core.analysis.SqlTokens.Token;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Makes of one file of SQL many that are each wrong in one place: a comparison, a constant, a function,
/// a condition, a join.
final class SqlMutations {
    /// A file with one fault.
    ///
    /// @param line where it is
    /// @param what the fault between some of the text around it; names it, wherever the line moves to
    /// @param sql the whole text
    record Mutant(int line, String what, String sql) {}

    private static final Map<String, String> SIGNS =
            Map.of("<", "<=", "<=", "<", ">", ">=", ">=", ">", "<>", "=", "+", "-", "-", "+", "*", "/", "/", "*");
    private static final Set<String> ARITHMETIC = Set.of("+", "-", "*", "/");
    private static final Map<String, String> FUNCTIONS = Map.ofEntries(
            Map.entry("min", "max"),
            Map.entry("max", "min"),
            Map.entry("min_by", "max_by"),
            Map.entry("max_by", "min_by"),
            Map.entry("arg_min", "arg_max"),
            Map.entry("arg_max", "arg_min"),
            Map.entry("avg", "median"),
            Map.entry("median", "avg"),
            Map.entry("sum", "max"),
            Map.entry("greatest", "least"),
            Map.entry("least", "greatest"),
            Map.entry("lead", "lag"),
            Map.entry("lag", "lead"),
            Map.entry("first", "last"),
            Map.entry("bool_and", "bool_or"),
            Map.entry("bool_or", "bool_and"),
            Map.entry("stddev_samp", "stddev_pop"));
    private static final Map<String, String> QUANTILES =
            Map.of("0.5", "0.9", "0.9", "0.99", "0.95", "0.99", "0.99", "0.9");
    private static final Set<String> CONDITIONS = Set.of("WHERE", "HAVING", "QUALIFY", "ON", "WHEN");
    private static final Set<String> SUMS = Set.of("SUM", "AVG", "MIN", "MAX", "MEDIAN", "QUANTILE_CONT");
    /// Words before which a sign is not between two numbers.
    private static final Set<String> KEYWORDS =
            Set.of("SELECT", "THEN", "WHEN", "ELSE", "BY", "AND", "OR", "ON", "DISTINCT", "AS");
    private static final Pattern PARAM = Pattern.compile("(?m)^-- @param\\s+\\w+\\s+([-+.\\deE]+)");
    private static final int AROUND = 28;

    private final String sql;
    private final SqlTokens tokens;
    private final List<Mutant> found = new ArrayList<>();

    private SqlMutations(String sql) {
        this.sql = sql;
        this.tokens = new SqlTokens(sql);
    }

    static List<Mutant> of(String sql) {
        return new SqlMutations(sql).all();
    }

    private List<Mutant> all() {
        for (Matcher m = PARAM.matcher(sql); m.find(); ) {
            BigDecimal number = new BigDecimal(m.group(1));
            replace(m.start(1), m.end(1), times(number, "1.1"));
            replace(m.start(1), m.end(1), times(number, "0.9"));
        }
        for (int i = 0; i < tokens.size(); i++) {
            Token token = tokens.at(i);
            switch (token.kind()) {
                case SIGN -> sign(i, token);
                case NUMBER -> number(i, token);
                case WORD -> word(i, token);
                case TEXT -> {}
            }
        }
        return found;
    }

    private void sign(int i, Token token) {
        String other = SIGNS.get(token.text());
        if (other == null) {
            return;
        }
        if (!ARITHMETIC.contains(token.text())) {
            replace(token, other);
        } else if (isValue(tokens.at(i - 1)) && !isOne(tokens.at(i - 1)) && !isOne(tokens.at(i + 1))) {
            replace(token, other);
        }
    }

    private static boolean isValue(Token before) {
        return before.is(")")
                || before.is("]")
                || before.kind() == Kind.NUMBER
                || before.kind() == Kind.WORD && !before.isOne(KEYWORDS);
    }

    /// The factor that makes a division one of fractions.
    private static boolean isOne(Token token) {
        return token.is("1e0");
    }

    private void number(int i, Token token) {
        String text = token.text();
        BigDecimal number = new BigDecimal(text);
        boolean quantile = QUANTILES.containsKey(text)
                && tokens.at(i - 1).is(",")
                && tokens.at(i + 1).is(")");
        if (quantile) {
            replace(token, QUANTILES.get(text));
        } else if (number.signum() == 0) {
            replace(token, "1");
        } else {
            replace(token, times(number, "1000"));
            if (isOne(token)) {
                return;
            }
            if (text.matches("\\d{1,3}")) {
                replace(token, number.add(BigDecimal.ONE).toPlainString());
            } else {
                replace(token, times(number, "1.1"));
                replace(token, times(number, "0.9"));
            }
        }
    }

    private static String times(BigDecimal number, String factor) {
        BigDecimal product =
                number.multiply(new BigDecimal(factor), MathContext.DECIMAL64).stripTrailingZeros();
        return (product.scale() <= 0
                        ? product
                        : product.scale() > 0
                                        && number.scale() <= 0
                                        && number.abs().compareTo(BigDecimal.TEN) > 0
                                ? product.setScale(0, java.math.RoundingMode.HALF_UP)
                                : product)
                .toPlainString();
    }

    private void word(int i, Token token) {
        Token next = tokens.at(i + 1);
        String function = next.is("(") ? FUNCTIONS.get(token.text().toLowerCase(Locale.ROOT)) : null;
        if (function != null) {
            replace(token, function);
        }
        if (next.is("(") && token.isOne(SUMS)) {
            swapColumn(i, token);
        }
        if (next.is("(") && (token.is("coalesce") || token.is("nullif"))) {
            dropSecond(i);
        }
        if (token.isOne(CONDITIONS)) {
            dropConditions(i + 1, tokens.endOfCondition(i + 1));
        } else if (token.is("FILTER") && next.is("(") && !tokens.at(i + 2).is("WHERE")) {
            dropConditions(i + 2, tokens.closing(i + 1));
        }
        switch (token.text().toUpperCase(Locale.ROOT)) {
            case "AND" -> {
                if (!closesBetween(i)) {
                    replace(token, "OR");
                }
            }
            case "OR" -> {
                if (!tokens.at(i - 1).is("CREATE")) {
                    replace(token, "AND");
                }
            }
            case "LEFT" -> delete(token, next);
            case "DESC" -> delete(token, token);
            case "DISTINCT" -> delete(token, token);
            case "UNION" -> {
                if (next.is("ALL")) {
                    delete(next, next);
                } else {
                    replace(token, "UNION ALL");
                }
            }
            case "NOT" -> delete(token, token);
            case "IS" -> {
                if (next.is("NULL")) {
                    replace(token, "IS NOT");
                }
            }
            default -> {}
        }
    }

    private boolean closesBetween(int and) {
        int depth = tokens.at(and).depth();
        for (int i = and - 1; i >= 0 && tokens.at(i).depth() >= depth; i--) {
            if (tokens.at(i).depth() == depth && tokens.at(i).isOne(Set.of("AND", "BETWEEN"))) {
                return tokens.at(i).is("BETWEEN");
            }
        }
        return false;
    }

    private void dropConditions(int from, int to) {
        List<Integer> begins = tokens.conjuncts(from, to);
        if (tokens.at(from - 1).is("WHEN") && begins.size() == 2) {
            return;
        }
        for (int c = 0; c + 1 < begins.size(); c++) {
            replace(
                    tokens.at(begins.get(c)).start(),
                    tokens.at(begins.get(c + 1) - 2).end(),
                    "true");
        }
    }

    private void dropSecond(int i) {
        int close = tokens.closing(i + 1);
        for (int k = i + 2; k < close; k++) {
            if (tokens.at(k).is(",") && tokens.at(k).depth() == tokens.at(i).depth() + 1) {
                replace(
                        tokens.at(i).start(),
                        tokens.at(close).end(),
                        "("
                                + sql.substring(
                                        tokens.at(i + 2).start(), tokens.at(k).start()) + ")");
                return;
            }
        }
    }

    /// Takes another column that the file sums in the same way.
    private void swapColumn(int i, Token function) {
        int column = columnOf(i);
        if (column < 0) {
            return;
        }
        List<String> columns = new ArrayList<>(summed(function));
        String other = columns.get((columns.indexOf(tokens.at(column).text()) + 1) % columns.size());
        if (!other.equals(tokens.at(column).text())) {
            replace(tokens.at(column), other);
        }
    }

    private Set<String> summed(Token function) {
        Set<String> columns = new LinkedHashSet<>();
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.at(i).is(function.text()) && columnOf(i) >= 0) {
                columns.add(tokens.at(columnOf(i)).text());
            }
        }
        return columns;
    }

    /// The column in `sum(column)` or `sum(t.column)`, or -1.
    private int columnOf(int i) {
        if (!tokens.at(i + 1).is("(")) {
            return -1;
        }
        int at = tokens.at(i + 3).is(".") ? i + 4 : i + 2;
        return tokens.at(at).kind() == Kind.WORD
                        && (tokens.at(at + 1).is(")") || tokens.at(at + 1).is(","))
                ? at
                : -1;
    }

    private void replace(Token token, String by) {
        replace(token.start(), token.end(), by);
    }

    private void delete(Token from, Token to) {
        int end = to.is("JOIN") ? to.start() : to.end();
        replace(from.start(), end, "");
    }

    private void replace(int start, int end, String by) {
        String before = sql.substring(Math.max(sql.lastIndexOf('\n', start - 1) + 1, start - AROUND), start);
        int lineEnd = sql.indexOf('\n', end) < 0 ? sql.length() : sql.indexOf('\n', end);
        String after = sql.substring(end, Math.min(lineEnd, end + AROUND));
        String what = (before.stripLeading() + "[" + sql.substring(start, end) + " => " + by + "]"
                        + after.stripTrailing())
                .replaceAll("\\s+", " ");
        int line = (int) sql.substring(0, start).chars().filter(c -> c == '\n').count() + 1;
        found.add(new Mutant(line, what, sql.substring(0, start) + by + sql.substring(end)));
    }
}
