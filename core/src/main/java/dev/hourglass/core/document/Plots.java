package dev.hourglass.core.document;

/// Draws charts. Each is drawn for the widths that pages have, so that its text keeps its size.
final class Plots {
    /// The widths: a phone, a tablet or half a screen, a screen.
    static final int NARROW = 350;

    static final int MEDIUM = 680;
    static final int WIDE = 1000;

    private Plots() {}

    static Svg draw(Chart chart, int width) {
        return switch (chart) {
            case Chart.Neck c -> new NeckPlot(c, width).draw();
            case Chart.Parts c -> new PartsPlot(c, width).draw();
            case Chart.Strips c -> new StripsPlot(c, width).draw();
            case Chart.Series c -> new SeriesPlot(c, width).draw();
            case Chart.Stacks c -> new StacksPlot(c, width).draw();
            case Chart.HeatMap c -> new HeatPlot(c, width).draw();
            case Chart.Limit c -> new LimitPlot(c, width).draw();
            case Chart.Multiples c -> new MultiplesPlot(c, width).draw();
            case Chart.Estimate c -> new EstimatePlot(c, width).draw();
            case Chart.Flame c -> new FlamePlot(c, width).draw();
            case Chart.Roofline c -> new RooflinePlot(c, width).draw();
            case Chart.Timeline c -> new TimelinePlot(c, width).draw();
        };
    }

    /// Roughly how wide a text is at the size of labels.
    static double textWidth(String text) {
        return text.length() * 6.6;
    }

    /// A text cut to a width.
    static String fitted(String text, double width) {
        int room = (int) Math.max(3, width / 6.6);
        return text.length() <= room ? text : text.substring(0, room - 1) + "…";
    }

    static String mark(Hue hue) {
        return "m " + hue.css();
    }

    static String stroke(Hue hue) {
        return "l " + hue.css();
    }
}
