package dev.hourglass.core.analysis;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A remedy as the head of an analysis writes it: parts, each with what it aims at in front.
///
/// | in front | the part stands |
/// |---|---|
/// | nothing, or `[]` behind another | always |
/// | `[aim]` | unless the recording shows the aim's setting on; what shows it stands instead |
/// | `[aim if setting]` | where the recording shows that setting on |
/// | `[if setting]` | the same, without spellings |
///
/// Aims are those of the view `remedy_flag`, settings those of `shown_setting`. The spellings of the aim stand behind
/// the part's first sentence.
record RemedyText(List<Part> parts) {
    private static final Pattern MARK = Pattern.compile("\\[(\\w*)(?: ?if (\\w+))?\\]\\s*");

    /// @param aim empty where it names none
    /// @param condition the setting that must be on; empty for none
    record Part(String aim, String condition, String text) {}

    RemedyText {
        parts = List.copyOf(parts);
    }

    static RemedyText parse(String text) {
        List<Part> parts = new ArrayList<>();
        Matcher mark = MARK.matcher(text);
        String aim = "";
        String condition = "";
        int from = 0;
        while (mark.find()) {
            add(parts, aim, condition, text.substring(from, mark.start()));
            aim = mark.group(1).equals("if") ? "" : mark.group(1);
            condition = mark.group(2) == null ? "" : mark.group(2);
            from = mark.end();
        }
        add(parts, aim, condition, text.substring(from));
        return new RemedyText(parts);
    }

    private static void add(List<Part> parts, String aim, String condition, String text) {
        if (!text.isBlank()) {
            parts.add(new Part(aim, condition, text.strip()));
        }
    }
}
