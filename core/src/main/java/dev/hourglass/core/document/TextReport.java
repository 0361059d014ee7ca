package dev.hourglass.core.document;

import dev.hourglass.core.text.Escape;
import dev.hourglass.core.text.TerminalWidth;
import dev.hourglass.core.text.Words;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A report for a terminal: plain text of at most as many columns as that has, without the queries, which the
/// other formats carry. No character of a trace can steer the terminal.
public final class TextReport {
    private static final int NARROWEST = 60;

    private final TerminalWidth width;
    private final int columns;
    private final StringBuilder out = new StringBuilder();

    private TextReport(TerminalWidth width) {
        this.width = width.atLeast(NARROWEST);
        this.columns = this.width.columns();
    }

    /// The whole document.
    ///
    /// @param width of the terminal; at least 60 columns are used
    public static String full(Report report, TerminalWidth width) {
        TextReport text = new TextReport(width);
        text.headline(report);
        report.sections().forEach(text::section);
        return text.out.toString();
    }

    /// Blocks without a document around them.
    ///
    /// @param width of the terminal; at least 60 columns are used
    public static String blocks(List<Block> blocks, TerminalWidth width) {
        TextReport text = new TextReport(width);
        blocks.forEach(text::block);
        return text.out.toString();
    }

    /// What a person reads when a run ends: the headline, where the time goes, the questions; of a recording
    /// without steps, what it holds.
    ///
    /// @param width of the terminal; at least 60 columns are used
    public static String summary(Report report, TerminalWidth width) {
        TextReport text = new TextReport(width);
        text.headline(report);
        report.blocks(Block.Plot.class)
                .map(Block.Plot::chart)
                .filter(Chart.Parts.class::isInstance)
                .map(Chart.Parts.class::cast)
                .limit(1)
                .forEach(text::bars);
        report.blocks(Block.Finding.class).forEach(text::finding);
        List<Block.Question> questions = report.blocks(Block.Question.class).toList();
        if (questions.stream().allMatch(q -> q.status() == Block.Question.Status.NOT_MEASURED)) {
            text.section(report.sections().getFirst());
        } else {
            questions.forEach(q -> text.answer(q, false));
        }
        return text.out.toString();
    }

    private void headline(Report report) {
        if (!report.context().isEmpty()) {
            paragraph(String.join(" · ", report.context()), "", "");
        }
        blank();
        paragraph(report.headline().statement(), "", "");
        blank();
        figures(report.headline().figures());
        report.headline().notes().forEach(this::note);
    }

    private void section(Section section) {
        blank();
        String title = Escape.clean(section.title()).toUpperCase(Locale.ROOT);
        line(title);
        line("─".repeat(Math.min(columns, width.of(title))));
        section.blocks().forEach(this::block);
    }

    private void block(Block block) {
        switch (block) {
            case Block.Prose b -> paragraph(b.text(), "", "");
            case Block.Figures b -> figures(b.figures());
            case Block.Question b -> answer(b, true);
            case Block.Finding b -> finding(b);
            case Block.Table b -> table(b);
            case Block.Plot b -> plot(b);
            case Block.Note b -> note(b);
            case Block.Unknowns b -> b.joined().forEach(this::unknown);
            case Block.Query _ -> {}
            case Block.Facts b -> {
                if (!b.title().isEmpty()) {
                    blank();
                    line(Escape.clean(b.title()));
                }
                facts(b.facts());
            }
        }
    }

    private void figures(List<Figure> figures) {
        int label = figures.stream()
                .mapToInt(f -> width.of(Escape.clean(f.label())))
                .max()
                .orElse(0);
        for (Figure f : figures) {
            String value = Format.quantity(f.quantity());
            String detail = f.detail().isEmpty() ? "" : "  " + f.detail();
            paragraph(value + detail, width.pad(Escape.clean(f.label()), label) + "  ", " ".repeat(label + 2));
        }
    }

    private void plot(Block.Plot plot) {
        blank();
        if (plot.chart() instanceof Chart.Parts parts) {
            bars(parts);
        } else {
            paragraph(plot.chart().description(), "", "");
        }
        paragraph(plot.caption(), "", "");
    }

    private void bars(Chart.Parts chart) {
        double sum = chart.parts().stream().mapToDouble(Chart.Part::value).sum();
        int label = chart.parts().stream()
                .mapToInt(p -> width.of(Escape.clean(p.label())))
                .max()
                .orElse(0);
        int room = Math.min(40, columns - label - 24);
        blank();
        for (Chart.Part p : chart.parts()) {
            double share = sum > 0 ? p.value() / sum : 0;
            line(width.pad(Escape.clean(p.label()), label) + "  "
                    + width.padLeft(Format.value(p.value(), chart.unit()), 9) + "  "
                    + width.padLeft(Format.value(share, Unit.RATIO), 8) + "  " + bar(share, room));
        }
    }

    private static String bar(double share, int room) {
        int eighths = (int) Math.round(share * room * 8);
        String rest = eighths % 8 == 0 ? "" : String.valueOf((char) ('█' + (8 - eighths % 8)));
        return "█".repeat(eighths / 8) + rest;
    }

    private void answer(Block.Question q, boolean withEvidence) {
        blank();
        paragraph(q.question(), q.id().toUpperCase(Locale.ROOT) + "  ", "    ");
        paragraph(q.answer(), "    ", "    ");
        if (withEvidence) {
            q.evidence().forEach(e -> paragraph(e, "    · ", "      "));
        }
    }

    private void finding(Block.Finding f) {
        blank();
        paragraph(f.title(), f.severity().key() + ": ", "    ");
        advice("What to change: ", f.remedy());
        advice("In the engines' words: ", f.spellings());
        advice("What it would win: ", f.gain());
    }

    private void advice(String label, String text) {
        if (!text.isEmpty()) {
            paragraph(text, "    " + label, "    ");
        }
    }

    private void note(Block.Note note) {
        blank();
        String mark = switch (note.tone()) {
            case PLAIN -> "";
            case CAUTION -> "Caution: ";
            case SEVERE -> "WARNING: ";
        };
        paragraph(mark + note.title() + (note.title().endsWith("?") ? "" : "."), "", "");
        paragraph(note.text(), "  ", "  ");
    }

    private void unknown(Block.Unknown u) {
        paragraph(u.item() + ": " + u.status().replace('_', ' ') + ", because " + u.reason() + ".", "", "    ");
        u.how().ifPresent(how -> paragraph("To record it: " + how, "    ", "    "));
    }

    private void facts(List<Block.Fact> facts) {
        int label = facts.stream()
                .mapToInt(f -> width.of(Escape.clean(f.name())))
                .max()
                .orElse(0);
        int indent = Math.min(label, columns / 2) + 2;
        facts.forEach(f ->
                paragraph(f.value(), width.pad(Escape.clean(f.name()), indent - 2) + "  ", " ".repeat(indent)));
    }

    private void table(Block.Table table) {
        blank();
        if (!table.caption().isEmpty()) {
            paragraph(table.caption(), "", "");
        }
        new TextTable(table, width).lines().forEach(this::line);
    }

    /// Words wrapped to the width; the first line begins with `first`, each other with `next`.
    private void paragraph(String text, String first, String next) {
        String indent = first;
        List<String> line = new ArrayList<>();
        int used = width.of(first);
        for (String word : Words.glued(Escape.clean(text)).split(" ", -1)) {
            if (!line.isEmpty() && used + width.of(word) > columns) {
                line(indent + String.join(" ", line));
                line.clear();
                indent = next;
                used = width.of(next);
            }
            line.add(width.cut(word, columns - width.of(next)));
            used += width.of(word) + 1;
        }
        line(indent + String.join(" ", line));
    }

    private void line(String text) {
        out.append(width.cut(text.replace(Words.NO_BREAK, ' '), columns).stripTrailing())
                .append('\n');
    }

    private void blank() {
        out.append('\n');
    }
}
