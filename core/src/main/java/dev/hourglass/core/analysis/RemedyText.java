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
/// | `[aim unless setting]` | unless it shows that setting on; nothing stands instead |
///
/// Aims are those of the view `remedy_flag`, settings those of `shown_setting`. The spellings of the aim stand behind
/// the part's first sentence.
record RemedyText(List<Part> parts) {
    private static final Pattern MARK = Pattern.compile("\\[(\\w*?) ?(?:(if|unless) (\\w+))?\\]\\s*");

    /// @param aim empty where it names none
    /// @param when under which condition it stands
    /// @param setting the setting that the condition is about; the aim's own where none is named
    record Part(String aim, When when, String setting, String text) {}

    /// When a part stands.
    enum When {
        /// Unless the setting is on; else what shows it.
        ADVISED,
        /// Where it is on.
        IF,
        /// Where it is not.
        UNLESS
    }

    RemedyText {
        parts = List.copyOf(parts);
    }

    static RemedyText parse(String text) {
        List<Part> parts = new ArrayList<>();
        Matcher mark = MARK.matcher(text);
        Part open = new Part("", When.ADVISED, "", "");
        int from = 0;
        while (mark.find()) {
            add(parts, open, text.substring(from, mark.start()));
            open = opened(mark);
            from = mark.end();
        }
        add(parts, open, text.substring(from));
        return new RemedyText(parts);
    }

    private static Part opened(Matcher mark) {
        String word = mark.group(2);
        return word == null
                ? new Part(mark.group(1), When.ADVISED, mark.group(1), "")
                : new Part(mark.group(1), word.equals("if") ? When.IF : When.UNLESS, mark.group(3), "");
    }

    private static void add(List<Part> parts, Part open, String text) {
        if (!text.isBlank()) {
            parts.add(new Part(open.aim, open.when, open.setting, text.strip()));
        }
    }
}
