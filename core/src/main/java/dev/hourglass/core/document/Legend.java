package dev.hourglass.core.document;

import java.util.List;

/// Names of colours, wrapped to the width.
final class Legend {
    private static final double LINE = 20;

    private Legend() {}

    /// A name with its colour.
    record Entry(String label, Hue hue) {}

    /// Draws from `top` down; the height that it took.
    static double draw(Svg svg, double top, List<Entry> entries) {
        double x = 0;
        double y = top;
        for (Entry e : entries) {
            String label = Plots.fitted(e.label(), 220);
            double w = 30 + Plots.textWidth(label);
            if (x > 0 && x + w > svg.width()) {
                x = 0;
                y += LINE;
            }
            svg.group("key " + e.hue().css());
            svg.rect(Plots.mark(e.hue()), x, y + 2, 10, 10, "");
            svg.text("lab", x + 16, y + 11, label);
            svg.end();
            x += w;
        }
        return y + LINE - top;
    }
}
