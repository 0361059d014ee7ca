package dev.hourglass.core.document;

import dev.hourglass.core.file.WholeFile;
import dev.hourglass.core.text.Escape;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// A report as one HTML file that needs nothing else: the page's template with the document in it.
///
/// The document is whole without scripts: text, tables and charts are in the file. The script adds what moves.
public final class HtmlReport {
    private static final int LONG_ITEM = 80;
    private static final int LONG_FACT = 120;
    private static final String TITLE = "{{title}}";
    private static final String BODY = "{{body}}";
    private static final String MARK = "M6 3h20v3h-1c0 5-3 8-7 10 4 2 7 5 7 10h1v3H6v-3h1c0-5 3-8 7-10-4-2-7-5-7-10H6z";

    private final Report report;
    private final Html out = new Html();

    private HtmlReport(Report report) {
        this.report = report;
    }

    public static void write(Report report, Path file) throws IOException {
        WholeFile.write(file, render(report));
    }

    /// The whole file.
    public static String render(Report report) {
        String template = Resource.text("page.html");
        int title = template.indexOf(TITLE);
        int body = template.indexOf(BODY);
        return template.substring(0, title)
                + Escape.xml(report.title() + " · Hourglass")
                + template.substring(title + TITLE.length(), body)
                + new HtmlReport(report).body()
                + template.substring(body + BODY.length());
    }

    private String body() {
        top();
        out.raw("<main id=\"main\"><div class=\"wrap\">\n");
        hero();
        report.sections().forEach(this::section);
        out.raw("</div></main>\n<footer><div class=\"wrap\">Made by Hourglass. Every number carries its unit; what was"
                + " not measured is said, never shown as 0.</div></footer>");
        return out.toString();
    }

    private void top() {
        out.raw("<a class=\"skip\" href=\"#main\">Skip to the report</a>\n<header class=\"top\"><div class=\"wrap\">"
                + "<a class=\"brand\" href=\"#main\"><svg viewBox=\"0 0 32 32\" aria-hidden=\"true\"><path d=\"" + MARK
                + "\"/></svg>Hourglass</a><nav aria-label=\"Sections\"><ul>");
        for (Section s : report.sections()) {
            out.raw("<li><a href=\"#").raw(s.id()).raw("\">").text(s.title()).raw("</a></li>");
        }
        out.raw("</ul></nav><button id=\"theme\" type=\"button\" hidden>Auto</button></div></header>\n");
    }

    private void hero() {
        out.raw("<section class=\"hero\">");
        notes(true);
        out.raw("<div class=\"hero-grid\"><div><ul class=\"context\">");
        report.context().forEach(c -> out.raw("<li>").text(c).raw("</li>"));
        out.raw("</ul><h1>");
        for (String sentence : report.headline().statement().split("(?<=\\.) ", -1)) {
            out.raw("<span>").prose(sentence).raw(" </span>");
        }
        out.raw("</h1>");
        figures(report.headline().figures());
        out.raw("</div>");
        neck(report.headline().neck());
        out.raw("</div>");
        notes(false);
        out.raw("</section>\n");
    }

    /// Nothing where there are no parts.
    private void neck(Chart.Neck neck) {
        if (neck.parts().isEmpty()) {
            return;
        }
        out.raw("<figure class=\"neck\">");
        out.raw(Plots.draw(neck, Plots.NARROW).element("plot always", neck.description()));
        out.raw("<figcaption>Height is time. The glass is narrowest in the largest part: the neck.</figcaption>");
        out.raw("</figure>");
    }

    /// What makes every number doubtful stands before the first one, the rest behind them.
    private void notes(boolean loud) {
        report.headline().notes().stream()
                .filter(n -> (n.tone() != Block.Note.Tone.PLAIN) == loud)
                .forEach(this::note);
    }

    private void section(Section section) {
        out.raw("<section class=\"part\" id=\"")
                .raw(section.id())
                .raw("\"><h2>")
                .text(section.title())
                .raw("</h2>\n");
        section.blocks().forEach(this::block);
        out.raw("</section>\n");
    }

    private void block(Block block) {
        switch (block) {
            case Block.Prose b -> out.raw("<p class=\"prose\">").prose(b.text()).raw("</p>\n");
            case Block.Figures b -> figures(b.figures());
            case Block.Question b -> question(b);
            case Block.Finding b -> finding(b);
            case Block.Table b -> table(b);
            case Block.Plot b -> plot(b);
            case Block.Note b -> note(b);
            case Block.Unknowns b -> unknowns(b);
            case Block.Query b -> query(b, b.title());
            case Block.Facts b -> facts(b);
        }
    }

    private void figures(List<Figure> figures) {
        out.raw("<dl class=\"figures\">");
        for (Figure f : figures) {
            out.raw("<div><dt>").text(f.label()).raw("</dt><dd class=\"value\">");
            String text = Format.quantity(f.quantity());
            String value = Format.value(f.quantity().value(), f.quantity().unit());
            out.text(value);
            if (text.length() > value.length()) {
                out.raw("<span class=\"spread\">")
                        .prose(text.substring(value.length()).strip())
                        .raw("</span>");
            }
            out.raw("</dd><dd class=\"detail\">").prose(f.detail()).raw("</dd></div>");
        }
        out.raw("</dl>\n");
    }

    private void note(Block.Note note) {
        out.raw("<aside class=\"note ")
                .raw(note.tone().name().toLowerCase(Locale.ROOT))
                .raw("\"><b>");
        out.prose(note.title()).raw("</b><p>").prose(note.text()).raw("</p></aside>\n");
    }

    private void question(Block.Question q) {
        boolean answered = q.status() == Block.Question.Status.ANSWERED;
        out.raw("<article class=\"question")
                .raw(answered ? "" : " open")
                .raw("\"><div class=\"id\">")
                .text(q.id().toUpperCase(Locale.ROOT));
        out.raw("</div><div><h3>").text(q.question());
        if (!answered) {
            out.raw("<span class=\"status\">").text(q.status().label()).raw("</span>");
        }
        out.raw("</h3><p class=\"answer\">")
                .prose(q.answer())
                .raw("</p><details><summary>How this was obtained</summary><ul>");
        q.evidence().forEach(e -> out.raw("<li>").prose(e).raw("</li>"));
        out.raw("</ul>");
        q.query().ifPresent(this::sql);
        out.raw("</details></div></article>\n");
    }

    /// What stands first: how bad it is, what it speaks of and where; then the sentence, what to do, and
    /// what that would bring.
    private void finding(Block.Finding f) {
        out.raw("<article class=\"finding ").raw(f.severity().key()).raw("\"><header><span class=\"severity\">");
        out.text(f.severity().key()).raw("</span>");
        if (!f.bound().isEmpty()) {
            out.raw("<span class=\"bound\">").text(f.bound()).raw("</span>");
        }
        out.raw("<span class=\"where\">").text(f.where()).raw("</span>");
        if (f.share() > 0) {
            String width = Svg.number(new StringBuilder(), Math.clamp(f.share() * 100, 0, 100))
                    .toString();
            out.raw("<span class=\"stake\"><i><i style=\"width:")
                    .raw(width)
                    .raw("%\"></i></i><b>")
                    .text(Format.value(f.share(), Unit.RATIO))
                    .raw("</b></span>");
        }
        out.raw("</header><h3>").prose(f.title()).raw("</h3><dl>");
        advice("What to change", f.remedy());
        advice("In the engines' words", f.spellings());
        advice("What it would win", f.gain());
        out.raw("</dl>");
        f.evidence().ifPresent(q -> query(q, "the rows behind it"));
        out.raw("</article>\n");
    }

    private void advice(String label, String text) {
        if (!text.isEmpty()) {
            out.raw("<div><dt>").text(label).raw("</dt><dd>").prose(text).raw("</dd></div>");
        }
    }

    private void table(Block.Table table) {
        new HtmlTable(table, out).write();
    }

    private void plot(Block.Plot plot) {
        Chart chart = plot.chart();
        out.raw("<figure id=\"plot-")
                .raw(plot.id())
                .raw("\"><figcaption>")
                .prose(plot.caption())
                .raw("</figcaption>");
        out.raw(Plots.draw(chart, Plots.NARROW).element("plot narrow", chart.description()));
        out.raw(Plots.draw(chart, Plots.MEDIUM).element("plot medium", chart.description()));
        out.raw(Plots.draw(chart, Plots.WIDE).element("plot wide", chart.description()));
        switch (chart) {
            case Chart.Timeline c -> data("timeline-data", ChartData.timeline(c));
            case Chart.Flame c -> data("flame-data", ChartData.flame(c));
            case Chart.HeatMap c -> data("heat-data", ChartData.heatMap(c));
            default -> {}
        }
        ChartTable.of(chart).ifPresent(t -> {
            out.raw("<details><summary>The numbers behind this chart</summary>");
            table(t);
            out.raw("</details>");
        });
        out.raw("</figure>\n");
    }

    /// Data for the page's script, which no browser runs.
    private void data(String cls, String json) {
        out.raw("<script type=\"application/json\" class=\"").raw(cls).raw("\">");
        out.raw(Escape.script(json)).raw("</script>");
    }

    private void unknowns(Block.Unknowns unknowns) {
        out.raw("<dl class=\"unknowns\">");
        for (Block.Unknown u : unknowns.joined()) {
            out.raw(u.item().length() > LONG_ITEM ? "<div class=\"many\"><dt>" : "<div><dt>");
            out.text(u.item()).raw("</dt><dd>");
            out.text(u.status().replace('_', ' '))
                    .raw(", because ")
                    .prose(u.reason())
                    .raw(".");
            u.how()
                    .ifPresent(how -> out.raw("<span class=\"how\">To record it: ")
                            .text(how)
                            .raw("</span>"));
            out.raw("</dd></div>");
        }
        out.raw("</dl>\n");
    }

    private void query(Block.Query query, String title) {
        out.raw("<details class=\"query\"><summary>SQL: ").text(title).raw("</summary>");
        sql(query);
        out.raw("</details>\n");
    }

    private void sql(Block.Query query) {
        out.raw("<pre><code>").text(query.sql()).raw("</code></pre>");
    }

    private void facts(Block.Facts facts) {
        if (!facts.title().isEmpty()) {
            out.raw("<h3>").text(facts.title()).raw("</h3>");
        }
        out.raw("<dl class=\"facts\">");
        for (Block.Fact f : facts.facts()) {
            out.raw(f.value().length() > LONG_FACT ? "<div class=\"long\"><dt>" : "<div><dt>");
            out.text(f.name()).raw("</dt><dd>").text(f.value()).raw("</dd></div>");
        }
        out.raw("</dl>\n");
    }
}
