package dev.hourglass.core.query;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The database's messages in one line.
final class SqlMessage {
    private static final Pattern LINE = Pattern.compile("LINE (\\d+): (.*)");
    private static final int LONGEST = 500;

    private SqlMessage() {}

    /// What is wrong, where, and which names are near.
    static String oneLine(String message) {
        if (message.startsWith("INTERRUPT")) {
            return "the query was stopped";
        }
        List<String> lines = message.lines().toList();
        StringBuilder out = new StringBuilder();
        String place = "";
        for (int i = 0; i < lines.size(); i++) {
            Matcher m = LINE.matcher(lines.get(i));
            if (m.matches()) {
                String caret = i + 1 < lines.size() ? lines.get(i + 1) : "";
                place = place(m.group(1), m.group(2), caret.indexOf('^') - m.start(2));
                i++;
            } else if (!lines.get(i).isBlank()) {
                out.append(out.isEmpty() ? "" : " ").append(lines.get(i).strip());
            }
        }
        String text = out.length() > LONGEST ? out.substring(0, LONGEST) + "…" : out.toString();
        return text + place;
    }

    private static String place(String line, String shown, int column) {
        boolean cut = shown.startsWith("...");
        return " (line " + line + (column >= 0 && !cut ? ", column " + (column + 1) : "") + ")";
    }
}
