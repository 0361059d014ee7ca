package dev.hourglass.core.query;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// SQL as people write it: statements one after another, and what other trace tools understand.
public final class SqlText {
    private static final Pattern INCLUDE = Pattern.compile("(?is)^\\s*INCLUDE\\s+PERFETTO\\s+MODULE\\s+[\\w.]+\\s*$");
    private static final Pattern SHORT_INTEGER = Pattern.compile("(?i)\\bAS\\s+(INT|INTEGER|LONG)\\s*\\)");
    private static final Pattern GAP_PATTERN = Pattern.compile(
            "(?is)row_number\\s*\\(\\s*\\)\\s*over\\s*\\(\\s*order\\s+by\\s+ts\\b.*\\bseqnum\\s*=.*\\bseqnum\\s*\\+\\s*1"
                    + "|row_number\\s*\\(\\s*\\)\\s*over\\s*\\(\\s*order\\s+by\\s+ts\\b.*\\.ts\\s*-.*\\.dur\\b"
                    + "|\\blag\\s*\\(\\s*(ts\\s*\\+\\s*dur|dur\\s*\\+\\s*ts)\\s*\\)\\s*over\\s*\\(\\s*order\\s+by\\s+ts\\b");

    private static final Pattern QUERY =
            Pattern.compile("(?is)(?:\\s++|--[^\\n]*+\\n|/\\*.*?\\*/)*+(?:SELECT|WITH|FROM)\\b");
    private static final Pattern WRITES = Pattern.compile("(?i)\\b(INSERT|UPDATE|DELETE|MERGE)\\b");

    private static final Pattern WRITES_FILES = Pattern.compile(
            "(?is)(?:^|;|\\*/|\\n|\\)|\\b(?:EXPLAIN|ANALYZE|AS)\\b)\\s*(?:COPY\\s*(?:\\(|\"|/\\*|--|[\\w.]+\\s*(?:\\([^)]*\\)\\s*)?TO\\b)"
                    + "|(?:EXPORT|IMPORT)\\s+DATABASE\\b)");
    /// With these a quoted text may end elsewhere than [#skipQuoted] takes it to end.
    private static final Pattern QUOTED_OTHERWISE = Pattern.compile("\\\\'|\\$|/\\*");

    private SqlText() {}

    /// Whether a text may copy rows to a file or from one. The database lets queries do that with the files of the
    /// database that it has open, whatever else they may not. May say yes where only a quoted text speaks of it.
    static boolean writesFiles(String text) {
        if (!WRITES_FILES.matcher(text).find()) {
            return false;
        }
        if (QUOTED_OTHERWISE.matcher(text).find()) {
            return true;
        }
        StringBuilder plain = new StringBuilder();
        int i = 0;
        while (i < text.length()) {
            int end = skipQuoted(text, i);
            plain.append(end > i ? ' ' : text.charAt(i));
            i = Math.max(end, i + 1);
        }
        return WRITES_FILES.matcher(plain).find();
    }

    /// A text as SQL has it within a statement.
    public static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /// The name of a table or a column as SQL has it within a statement.
    public static String identifier(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    /// The statements of a text, without their semicolons; comments and quotes are respected, empty
    /// statements left out. Before each stands as much space as makes its lines and columns those of
    /// the text, so that the database's messages name places that the reader of the text finds.
    public static List<String> statements(String text) {
        List<String> statements = new ArrayList<>();
        int from = 0;
        int i = 0;
        while (i < text.length()) {
            int end = skipQuoted(text, i);
            if (end > i) {
                i = end;
            } else {
                if (text.charAt(i) == ';') {
                    add(statements, text, from, i);
                    from = i + 1;
                }
                i++;
            }
        }
        add(statements, text, from, text.length());
        return statements;
    }

    private static void add(List<String> statements, String text, int from, int to) {
        int begin = from + begin(text.substring(from, to));
        if (begin < to) {
            statements.add(inItsPlace(text, begin) + text.substring(begin, to).strip());
        }
    }

    /// Where a statement begins behind space and comments.
    static int begin(String text) {
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            boolean comment = c == '-' || c == '/';
            int end = comment ? skipQuoted(text, i) : i;
            if (end > i) {
                i = end;
            } else if (Character.isWhitespace(c)) {
                i++;
            } else {
                break;
            }
        }
        return i;
    }

    /// Line breaks and spaces that lead to the line and the column of a position.
    private static String inItsPlace(String text, int position) {
        long lines = text.substring(0, position).chars().filter(c -> c == '\n').count();
        int column = position - text.lastIndexOf('\n', position - 1) - 1;
        return "\n".repeat((int) lines) + " ".repeat(column);
    }

    /// The end of the quoted text or comment that begins at a position; the position itself if none does.
    private static int skipQuoted(String text, int at) {
        char c = text.charAt(at);
        if (c == '\'' || c == '"') {
            int end = text.indexOf(c, at + 1);
            return end < 0 ? text.length() : end + 1;
        }
        if (text.startsWith("--", at)) {
            int end = text.indexOf('\n', at);
            return end < 0 ? text.length() : end;
        }
        if (text.startsWith("/*", at)) {
            int end = text.indexOf("*/", at + 2);
            return end < 0 ? text.length() : end + 2;
        }
        return at;
    }

    /// Whether a statement only names a module of Perfetto's library. What it would define is either
    /// always there or missing, which the statements that use it will say.
    public static boolean isInclude(String statement) {
        return INCLUDE.matcher(statement).matches();
    }

    /// The statement as the database understands it: integers of other tools have 64 bits.
    public static String adapted(String statement) {
        StringBuilder out = new StringBuilder();
        int plain = 0;
        int i = 0;
        while (i < statement.length()) {
            int end = skipQuoted(statement, i);
            if (end > i) {
                out.append(widened(statement.substring(plain, i))).append(statement, i, end);
                plain = end;
                i = end;
            } else {
                i++;
            }
        }
        return out.append(widened(statement.substring(plain))).toString();
    }

    /// Whether a text is one statement that reads and does nothing else. It may be one where this says no.
    static boolean isQuery(String text) {
        return QUERY.matcher(text).lookingAt()
                && !WRITES.matcher(text).find()
                && statements(text).size() == 1;
    }

    private static String widened(String plain) {
        Matcher m = SHORT_INTEGER.matcher(plain);
        return m.find() ? m.replaceAll("AS BIGINT)") : plain;
    }

    /// Whether a statement takes the time from one slice to the next in order of start for a gap. That
    /// is wrong as soon as slices overlap, on several streams or on one.
    public static boolean takesNeighboursForGaps(String statement) {
        return GAP_PATTERN.matcher(statement.toLowerCase(Locale.ROOT)).find();
    }
}
