package dev.hourglass.core.query;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The database's messages in one line.
final class SqlMessage {
    /// What is said of a query that was cancelled.
    static final String STOPPED = "the query was stopped";

    private static final Pattern LINE = Pattern.compile("LINE (\\d+): (.*)");
    private static final int LONGEST = 500;

    private SqlMessage() {}

    /// What is wrong, where, and which names are near.
    ///
    /// @param before what stands before the statement in the text that the user wrote
    static String oneLine(String message, String before) {
        if (message.startsWith("INTERRUPT")) {
            return STOPPED;
        }
        List<String> lines = message.lines().toList();
        StringBuilder out = new StringBuilder();
        String place = "";
        for (int i = 0; i < lines.size(); i++) {
            Matcher m = LINE.matcher(lines.get(i));
            if (m.matches()) {
                String caret = i + 1 < lines.size() ? lines.get(i + 1) : "";
                place = place(Integer.parseInt(m.group(1)), m.group(2), caret.indexOf('^') - m.start(2), before);
                i++;
            } else if (!lines.get(i).isBlank()) {
                out.append(out.isEmpty() ? "" : " ").append(lines.get(i).strip());
            }
        }
        String text = out.length() > LONGEST ? out.substring(0, LONGEST) + "…" : out.toString();
        return text + place;
    }

    private static String place(int line, String shown, int column, String before) {
        int lines = (int) before.chars().filter(c -> c == '\n').count();
        int ahead = line == 1 ? before.length() - before.lastIndexOf('\n') - 1 : 0;
        boolean cut = shown.startsWith("...");
        return " (line " + (lines + line) + (column >= 0 && !cut ? ", column " + (ahead + column + 1) : "") + ")";
    }
}
