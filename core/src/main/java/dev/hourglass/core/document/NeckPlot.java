package dev.hourglass.core.document;

import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.List;

/// T_token as an hourglass. A part's height is its share of the time; the glass narrows towards the
/// middle of the largest part, which is the neck.
final class NeckPlot {
    /// Room for bold letters in that for plain ones.
    private static final double BOLD = 0.86;
    private static final double HEIGHT = 400;
    private static final double TOP = 12;
    private static final double WIDEST = 76;
    private static final double NARROWEST = 9;
    private static final double LINE = 17;

    /// Parts below this share of the whole have no room for a name.
    private static final double SMALLEST_NAMED_RATIO = 0.01;

    private final Chart.Neck chart;
    private final Svg svg;
    private final double sum;

    NeckPlot(Chart.Neck chart, int width) {
        this.chart = chart;
        this.svg = new Svg(width);
        this.sum = chart.parts().stream().mapToDouble(Chart.Part::value).sum();
    }

    Svg draw() {
        List<Chart.Part> order = order();
        Glass glass = new Glass(neck(order), WIDEST + 4);
        double middle = glass.middle();
        double at = 0;
        svg.rect("cap", middle - WIDEST - 4, TOP - 8, 2 * WIDEST + 8, 5, "");
        double label = 0;
        for (Chart.Part p : order) {
            double from = at;
            at += p.value() / sum;
            double end = Math.min(at, 1);
            svg.path(Plots.mark(p.hue()), glass.section(from, end), title(p));
            if (p.value() / sum >= SMALLEST_NAMED_RATIO) {
                label = label(p, (from + end) / 2, glass, label);
            }
        }
        svg.rect("cap", middle - WIDEST - 4, TOP + HEIGHT + 3, 2 * WIDEST + 8, 5, "");
        return svg.height(TOP + HEIGHT + 16);
    }

    /// Small parts above and below, the largest in the middle.
    private List<Chart.Part> order() {
        List<Chart.Part> above = new ArrayList<>();
        List<Chart.Part> below = new ArrayList<>();
        double upper = 0;
        double lower = 0;
        for (Chart.Part p : chart.parts().subList(1, chart.parts().size())) {
            if (upper <= lower) {
                above.add(p);
                upper += p.value();
            } else {
                below.add(p);
                lower += p.value();
            }
        }
        List<Chart.Part> out = new ArrayList<>(above.reversed());
        out.add(chart.parts().getFirst());
        out.addAll(below);
        return out.stream().filter(p -> p.value() > 0).toList();
    }

    private double neck(List<Chart.Part> order) {
        double before = 0;
        for (Chart.Part p : order) {
            if (p.equals(chart.parts().getFirst())) {
                break;
            }
            before += p.value();
        }
        return (before + chart.parts().getFirst().value() / 2) / sum;
    }

    /// The outline of the glass.
    ///
    /// @param neck height of the neck, from 0 (top) to 1
    /// @param middle where its axis stands
    private record Glass(double neck, double middle) {
        /// Half its width at a height from 0 to 1: widest at both ends, narrowest at the neck.
        double half(double at) {
            double t = at < neck ? (neck - at) / neck : (at - neck) / (1 - neck);
            double ease = 0.5 - 0.5 * Math.cos(Math.PI * Math.pow(t, 0.85));
            return NARROWEST + (WIDEST - NARROWEST) * Math.pow(ease, 0.75);
        }

        /// What lies between two heights, as a closed path.
        StringBuilder section(double from, double to) {
            StringBuilder d = new StringBuilder();
            int steps = Math.max(2, (int) Math.ceil((to - from) * 60));
            for (int i = 0; i <= steps; i++) {
                point(d, i == 0 ? 'M' : 'L', from + (to - from) * i / steps, 1, i == 0 ? 0.7 : 0);
            }
            for (int i = steps; i >= 0; i--) {
                point(d, 'L', from + (to - from) * i / steps, -1, i == 0 ? 0.7 : 0);
            }
            return d.append('Z');
        }

        private void point(StringBuilder d, char op, double at, int side, double shift) {
            d.append(op);
            Svg.number(d, middle + side * half(at)).append(' ');
            Svg.number(d, TOP + at * HEIGHT + shift);
        }
    }

    /// Writes the part's name beside it, below the label before it; where the next may begin.
    private double label(Chart.Part p, double at, Glass glass, double free) {
        boolean first = p.equals(chart.parts().getFirst());
        double y = Math.max(TOP + at * HEIGHT, free + LINE);
        double x = glass.middle() + WIDEST + 14;
        double edge = glass.middle() + glass.half(at) + 4;
        svg.line("leader", edge, TOP + at * HEIGHT, x - 6, y);
        svg.text(
                first ? "lab strong" : "lab",
                x,
                y + 4,
                Plots.fitted(p.label(), (svg.width() - x - 56) * (first ? BOLD : 1)));
        svg.text(first ? "num strong end" : "num end", svg.width(), y + 4, Format.value(p.value() / sum, Unit.RATIO));
        return y;
    }

    private String title(Chart.Part p) {
        return p.label() + ": " + Format.value(p.value(), chart.unit()) + ", "
                + Format.value(p.value() / sum, Unit.RATIO);
    }
}
