package dev.hourglass.core.analysis;

import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import java.util.LinkedHashMap;
import java.util.Map;

/// The table of settings as the guide shows it: a heading for each aim, a row for each spelling.
final class RemedyPage {
    private static final String HEAD = """

            | engine | spelling | releases | default | shown by | source |
            |---|---|---|---|---|---|
            """;

    private RemedyPage() {}

    static String of(Session session) {
        Rows rows = session.query("SELECT * FROM remedy_flag ORDER BY aim, engine, id");
        Map<String, StringBuilder> byAim = new LinkedHashMap<>();
        for (int r = 0; r < rows.size(); r++) {
            byAim.computeIfAbsent(
                            "`" + rows.text(r, "aim", "") + "`: " + rows.text(r, "serves", ""),
                            _ -> new StringBuilder(HEAD))
                    .append(row(rows, r));
        }
        StringBuilder page = new StringBuilder();
        byAim.forEach((aim, table) -> page.append(page.isEmpty() ? "### " : "\n### ")
                .append(aim)
                .append("\n")
                .append(table));
        return page.toString();
    }

    private static String row(Rows rows, int r) {
        return "| "
                + String.join(
                        " | ",
                        rows.text(r, "engine", ""),
                        "`" + rows.text(r, "usage", "") + "`",
                        releases(rows, r),
                        rows.text(r, "default_value", ""),
                        rows.text(r, "shown_by", ""),
                        rows.text(r, "source", ""))
                + " |\n";
    }

    private static String releases(Rows rows, int r) {
        String since = rows.text(r, "since", "");
        String until = rows.text(r, "until", "");
        return ((since.isEmpty() ? "" : "from " + since) + (until.isEmpty() ? "" : " before " + until)).strip();
    }
}
