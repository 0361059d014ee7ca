package dev.hourglass.core.document;

import dev.hourglass.core.text.Escape;
import dev.hourglass.core.text.Words;

/// Writes one SVG image, mark by mark. Colours and fonts are classes of the style sheet; a mark's
/// `title` is what is shown when it is pointed at.
final class Svg {
    private final StringBuilder out = new StringBuilder(4096);
    private final double width;
    private double height;

    Svg(double width) {
        this.width = width;
    }

    double width() {
        return width;
    }

    Svg height(double value) {
        height = value;
        return this;
    }

    Svg rect(String cls, double x, double y, double w, double h, String title) {
        open("rect", cls);
        attribute("x", x);
        attribute("y", y);
        attribute("width", Math.max(0, w));
        attribute("height", Math.max(0, h));
        return close("rect", title);
    }

    Svg circle(String cls, double x, double y, double r, String title) {
        open("circle", cls);
        attribute("cx", x);
        attribute("cy", y);
        attribute("r", r);
        return close("circle", title);
    }

    Svg line(String cls, double x1, double y1, double x2, double y2) {
        open("line", cls);
        attribute("x1", x1);
        attribute("y1", y1);
        attribute("x2", x2);
        attribute("y2", y2);
        return close("line", "");
    }

    /// @param d path data made by this package, never text of a trace
    Svg path(String cls, CharSequence d, String title) {
        open("path", cls);
        out.append(" d=\"").append(d).append('"');
        return close("path", title);
    }

    /// A path in its own coordinates, scaled into a rectangle.
    Svg path(String cls, CharSequence d, double x, double y, double scaleX, double scaleY) {
        open("path", cls);
        out.append(" transform=\"matrix(");
        precise(out, scaleX).append(" 0 0 ");
        precise(out, scaleY).append(' ');
        number(out, x).append(' ');
        number(out, y).append(")\" d=\"").append(d).append('"');
        return close("path", "");
    }

    Svg text(String cls, double x, double y, String text) {
        open("text", cls);
        attribute("x", x);
        attribute("y", y);
        out.append('>');
        Escape.xml(out, text);
        out.append("</text>");
        return this;
    }

    Svg group(String cls) {
        open("g", cls);
        out.append('>');
        return this;
    }

    Svg end() {
        out.append("</g>");
        return this;
    }

    /// The image as an element of a page.
    ///
    /// @param cls class of the element
    String element(String cls, String description) {
        StringBuilder svg = new StringBuilder(out.length() + 256);
        svg.append("<svg class=\"").append(cls).append("\" role=\"img\" viewBox=\"0 0 ");
        number(svg, width).append(' ');
        number(svg, height).append("\" aria-label=\"");
        Escape.xml(svg, description);
        return svg.append("\">").append(out).append("</svg>").toString();
    }

    /// The image as a file of its own, readable on light and on dark pages.
    String file(String style, String description) {
        double margin = 16;
        StringBuilder svg = new StringBuilder(out.length() + style.length() + 512);
        svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"");
        number(svg, width + 2 * margin).append("\" height=\"");
        number(svg, height + 2 * margin).append("\" viewBox=\"");
        number(svg, -margin).append(' ');
        number(svg, -margin).append(' ');
        number(svg, width + 2 * margin).append(' ');
        number(svg, height + 2 * margin).append("\">\n<title>");
        Escape.xml(svg, description);
        svg.append("</title>\n<style>").append(style).append("</style>\n<rect class=\"paper\" x=\"");
        number(svg, -margin).append("\" y=\"");
        number(svg, -margin).append("\" width=\"");
        number(svg, width + 2 * margin).append("\" height=\"");
        number(svg, height + 2 * margin).append("\" rx=\"8\"/>\n");
        return svg.append(out).append("\n</svg>\n").toString();
    }

    private void open(String element, String cls) {
        out.append('<').append(element);
        if (!cls.isEmpty()) {
            out.append(" class=\"").append(cls).append('"');
        }
    }

    private void attribute(String name, double value) {
        out.append(' ').append(name).append("=\"");
        number(out, value).append('"');
    }

    private Svg close(String element, String title) {
        if (title.isEmpty()) {
            out.append("/>");
        } else {
            out.append("><title>");
            Escape.xml(out, Words.shown(title));
            out.append("</title></").append(element).append('>');
        }
        return this;
    }

    /// A coordinate with at most two decimals.
    static StringBuilder number(StringBuilder out, double value) {
        return scaled(out, value, 100, 2);
    }

    private static StringBuilder precise(StringBuilder out, double value) {
        return scaled(out, value, 1_000_000_000L, 9);
    }

    private static StringBuilder scaled(StringBuilder out, double value, long scale, int decimals) {
        long fixed = Math.round(value * scale);
        if (fixed < 0) {
            out.append('-');
            fixed = -fixed;
        }
        out.append(fixed / scale);
        long rest = fixed % scale;
        if (rest != 0) {
            String digits = Long.toString(scale + rest).substring(1);
            int end = decimals;
            while (digits.charAt(end - 1) == '0') {
                end--;
            }
            out.append('.').append(digits, 0, end);
        }
        return out;
    }
}
