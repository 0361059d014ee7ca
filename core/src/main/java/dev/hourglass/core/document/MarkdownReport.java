package dev.hourglass.core.document;

import dev.hourglass.core.file.WholeFile;
import dev.hourglass.core.text.Escape;
import dev.hourglass.core.unit.Format;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A report as Markdown, with its charts as image files in `plots/` beside it. The images carry their
/// own ground for light and for dark.
public final class MarkdownReport {
    private final @Nullable Path plots;
    private final String style;
    private final StringBuilder out = new StringBuilder(1 << 14);

    private MarkdownReport(@Nullable Path plots) {
        this.plots = plots;
        this.style = Resource.text("plot.css");
    }

    /// Writes `file`, and `plots/` in the same directory.
    public static void write(Report report, Path file) throws IOException {
        Path plots = file.resolveSibling("plots");
        WholeFile.directory(plots);
        MarkdownReport markdown = new MarkdownReport(plots);
        markdown.all(report);
        WholeFile.write(file, markdown.out.toString());
    }

    /// The report alone, without its drawings.
    public static String render(Report report) throws IOException {
        MarkdownReport markdown = new MarkdownReport(null);
        markdown.all(report);
        return markdown.out.toString();
    }

    private void all(Report report) throws IOException {
        Report.Headline headline = report.headline();
        line("# " + Escape.markdown(report.title()));
        line(report.context().stream().map(Escape::markdown).collect(Collectors.joining(" · ")));
        line("**" + Escape.markdown(headline.statement()) + "**");
        if (!headline.neck().parts().isEmpty()) {
            image("neck", headline.neck());
        }
        figures(headline.figures());
        headline.notes().forEach(this::note);
        for (Section s : report.sections()) {
            line("## " + Escape.markdown(s.title()));
            for (Block b : s.blocks()) {
                block(b);
            }
        }
    }

    private void block(Block block) throws IOException {
        switch (block) {
            case Block.Prose b -> line(Escape.markdown(b.text()));
            case Block.Figures b -> figures(b.figures());
            case Block.Question b -> question(b);
            case Block.Finding b -> finding(b);
            case Block.Table b -> table(b);
            case Block.Plot b -> {
                image(b.id(), b.chart());
                line("*" + Escape.markdown(b.caption()) + "*");
            }
            case Block.Note b -> note(b);
            case Block.Unknowns b -> unknowns(b.joined());
            case Block.Query b -> query(b);
            case Block.Facts b -> facts(b);
        }
    }

    private void image(String id, Chart chart) throws IOException {
        if (plots == null) {
            return;
        }
        int width = chart instanceof Chart.Neck ? Plots.NARROW : Plots.WIDE;
        WholeFile.write(plots.resolve(id + ".svg"), Plots.draw(chart, width).file(style, chart.description()));
        line("![" + Escape.markdown(chart.description()) + "](plots/" + id + ".svg)");
    }

    private void figures(List<Figure> figures) {
        if (figures.isEmpty()) {
            return;
        }
        row(List.of("", "", ""));
        row(List.of("---", "---:", "---"));
        for (Figure f : figures) {
            row(List.of(
                    Escape.markdown(f.label()),
                    "**" + Escape.markdown(Format.quantity(f.quantity())) + "**",
                    Escape.markdown(f.detail())));
        }
        out.append('\n');
    }

    private void question(Block.Question q) {
        String status = q.status() == Block.Question.Status.ANSWERED
                ? ""
                : " (" + q.status().label() + ")";
        line("### " + Escape.markdown(q.id() + ". " + q.question()) + status);
        line(Escape.markdown(q.answer()));
        details(
                "How this was obtained",
                q.evidence().stream().map(e -> "- " + Escape.markdown(e) + "\n").collect(Collectors.joining())
                        + q.query().map(s -> "\n" + code(s.sql())).orElse(""));
    }

    private void finding(Block.Finding f) {
        line("### " + Escape.markdown(f.severity().key() + ": " + f.title()));
        advice("What to change", f.remedy());
        advice("In the engines' words", f.spellings());
        advice("What it would win", f.gain());
        f.evidence().ifPresent(this::query);
    }

    private void advice(String label, String text) {
        if (!text.isEmpty()) {
            line("**" + label + ":** " + Escape.markdown(text));
        }
    }

    private void table(Block.Table table) {
        if (!table.caption().isEmpty()) {
            line(Escape.markdown(table.caption()));
        }
        row(table.columns().stream().map(Escape::markdown).toList());
        List<String> alignment = new ArrayList<>();
        for (boolean number : TextTable.numeric(table)) {
            alignment.add(number ? "---:" : "---");
        }
        row(alignment);
        table.rows().forEach(r -> row(r.stream().map(MarkdownReport::cell).toList()));
        out.append('\n');
    }

    private static String cell(Cell cell) {
        String text = Escape.markdown(TextTable.text(cell));
        return cell instanceof Cell.Named n && !n.note().isEmpty()
                ? text + "<br><sub>" + Escape.markdown(n.note()) + "</sub>"
                : text;
    }

    private void note(Block.Note note) {
        String alert = switch (note.tone()) {
            case PLAIN -> "NOTE";
            case CAUTION -> "WARNING";
            case SEVERE -> "CAUTION";
        };
        line("> [!" + alert + "]\n> **" + Escape.markdown(note.title()) + "**\n> " + Escape.markdown(note.text()));
    }

    private void unknowns(List<Block.Unknown> items) {
        for (Block.Unknown u : items) {
            String how = u.how().map(h -> " To record it: " + h + ".").orElse("");
            out.append("- **").append(Escape.markdown(u.item())).append("**: ");
            out.append(Escape.markdown(u.status().replace('_', ' ') + ", because " + u.reason() + "." + how))
                    .append('\n');
        }
        out.append('\n');
    }

    private void facts(Block.Facts facts) {
        row(List.of(Escape.markdown(facts.title()), ""));
        row(List.of("---", "---"));
        facts.facts().forEach(f -> row(List.of(Escape.markdown(f.name()), Escape.markdown(f.value()))));
        out.append('\n');
    }

    private void query(Block.Query query) {
        details("SQL: " + query.title(), code(query.sql()));
    }

    private void details(String summary, String body) {
        line("<details><summary>" + Escape.xml(Escape.clean(summary)) + "</summary>\n\n" + body.strip()
                + "\n\n</details>");
    }

    /// A block of code whose fence is longer than any run of backticks in it.
    private static String code(String text) {
        String fence = "```";
        while (text.contains(fence)) {
            fence += "`";
        }
        String safe = text.lines().map(Escape::clean).collect(Collectors.joining("\n"));
        return fence + "sql\n" + safe + "\n" + fence;
    }

    private void row(List<String> cells) {
        out.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    private void line(String text) {
        out.append(text).append("\n\n");
    }
}
