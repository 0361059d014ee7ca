package dev.hourglass.core.document;

import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A flame graph that hangs from the top: each frame is as wide as the time below it, the largest first.
final class FlamePlot {
    private static final double ROW = 22;
    private static final double LEAST = 0.8;
    private static final int DEEPEST = 14;

    /// Frames below this width have no room for a name.
    private static final double NARROWEST_NAMED = 34;

    private static final class Frame {
        private final String name;
        private final Map<String, Frame> below = new LinkedHashMap<>();
        private double value;
        private Hue hue = Hue.LAYER;

        private Frame(String name) {
            this.name = name;
        }
    }

    private final Chart.Flame chart;
    private final Svg svg;
    private final Frame root;
    private double bottom = ROW;

    FlamePlot(Chart.Flame chart, int width) {
        this.chart = chart;
        this.svg = new Svg(width);
        this.root = new Frame(chart.root());
    }

    Svg draw() {
        chart.paths().forEach(this::insert);
        frame(root, 0, svg.width(), 0);
        return svg.height(bottom + 2);
    }

    private void insert(Chart.Path path) {
        Frame at = root;
        at.value += path.value();
        List<String> frames = path.frames();
        for (int i = 0; i < Math.min(DEEPEST, frames.size()); i++) {
            String name = i == DEEPEST - 1 ? frames.getLast() : frames.get(i);
            at = at.below.computeIfAbsent(name, Frame::new);
            at.value += path.value();
        }
        at.hue = path.hue();
    }

    private void frame(Frame frame, double x, double width, double y) {
        bottom = Math.max(bottom, y + ROW);
        svg.rect(Plots.mark(frame.hue), x, y, Math.max(0.4, width - 1), ROW - 2, title(frame));
        String text = width < NARROWEST_NAMED ? "" : Plots.fitted(frame.name, width - 10);
        if (text.length() > 3) {
            svg.text(frame.hue == Hue.LAYER ? "frame" : "frame on " + frame.hue.css(), x + 5, y + 14.5, text);
        }
        List<Frame> below = new ArrayList<>(frame.below.values());
        below.sort(Comparator.comparingDouble((Frame f) -> f.value).reversed());
        double at = x;
        for (Frame f : below) {
            double wide = width * f.value / frame.value;
            if (wide >= LEAST) {
                frame(f, at, wide, y + ROW);
            }
            at += wide;
        }
    }

    private String title(Frame frame) {
        return frame.name + "\n" + Format.value(frame.value, chart.unit()) + ", "
                + Format.value(root.value == 0 ? 0 : frame.value / root.value, Unit.RATIO);
    }
}
