package dev.hourglass.core.document;

import dev.hourglass.core.unit.Unit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// What a chart shows, without how it is drawn. One drawing code serves every format.
public sealed interface Chart {
    /// What the chart shows, in words, for those who do not see it.
    String description();

    /// A named, coloured share of something.
    record Part(String label, Hue hue, double value) {}

    /// A whole as an hourglass: height is a part's share of time, and the glass is narrowest where
    /// the largest part is.
    record Neck(String description, Unit unit, List<Part> parts) implements Chart {
        public Neck {
            parts = List.copyOf(parts);
        }
    }

    /// A whole divided into parts, as one bar.
    record Parts(String description, Unit unit, List<Part> parts) implements Chart {
        public Parts {
            parts = List.copyOf(parts);
        }
    }

    /// How samples are distributed: every sample, with its quartiles, one strip per group.
    record Strips(String description, Unit unit, List<Strip> strips) implements Chart {
        public Strips {
            strips = List.copyOf(strips);
        }
    }

    /// One group of samples.
    record Strip(String label, Hue hue, List<Double> samples) {
        public Strip {
            samples = List.copyOf(samples);
        }
    }

    /// Values over an ordered axis.
    ///
    /// @param xLabel what the axis counts
    /// @param reference a level worth a line, for example a median
    record Series(String description, Unit unit, String xLabel, Unit xUnit, List<Line> lines, Optional<Level> reference)
            implements Chart {
        public Series {
            lines = List.copyOf(lines);
        }
    }

    /// Points in order of x.
    record Line(String label, Hue hue, List<Double> x, List<Double> y) {
        public Line {
            x = List.copyOf(x);
            y = List.copyOf(y);
            if (x.size() != y.size()) {
                throw new IllegalArgumentException(x.size() + " x values for " + y.size() + " y values");
            }
        }
    }

    /// A labelled value on an axis.
    record Level(String label, double value) {}

    /// Parts per category, stacked.
    ///
    /// @param categoryLabel what a category is, for example `layer`
    /// @param categories names, in order
    /// @param stacks from the bottom up, one value per category
    record Stacks(String description, Unit unit, String categoryLabel, List<String> categories, List<Stack> stacks)
            implements Chart {
        public Stacks {
            categories = List.copyOf(categories);
            stacks = List.copyOf(stacks);
        }
    }

    /// One colour of the stacked columns.
    record Stack(String label, Hue hue, List<Double> values) {
        public Stack {
            values = List.copyOf(values);
        }
    }

    /// Counts by row and column.
    ///
    /// @param rowLabel what a row is
    /// @param rows names of the rows
    /// @param columnLabel what a column is; columns are numbered from 0
    /// @param cells row by row
    /// @param expected the value that an even spread would give in every cell
    record HeatMap(
            String description,
            Unit unit,
            String rowLabel,
            List<String> rows,
            String columnLabel,
            List<List<Long>> cells,
            double expected)
            implements Chart {
        public HeatMap {
            rows = List.copyOf(rows);
            cells = List.copyOf(cells);
        }
    }

    /// Achieved values against a limit.
    record Limit(String description, Unit unit, Level limit, List<Part> achieved) implements Chart {
        public Limit {
            achieved = List.copyOf(achieved);
        }
    }

    /// The same small chart per member of a group, ratios from 0 to 1 over time.
    record Multiples(String description, List<Line> panels) implements Chart {
        public Multiples {
            panels = List.copyOf(panels);
        }
    }

    /// An estimate with its confidence interval against zero.
    record Estimate(String description, Unit unit, String label, double value, double low, double high)
            implements Chart {}

    /// Call paths with the time at their ends, as a flame graph.
    ///
    /// @param root name of the frame above all paths
    record Flame(String description, Unit unit, String root, List<Path> paths) implements Chart {
        public Flame {
            paths = List.copyOf(paths);
        }
    }

    /// A call path.
    ///
    /// @param frames from the outermost to what ran
    /// @param hue colour of the last frame
    record Path(List<String> frames, Hue hue, double value) {
        public Path {
            frames = List.copyOf(frames);
        }
    }

    /// Operators under the roof of a device.
    ///
    /// @param peakFlops FLOP per second
    /// @param peakBandwidth bytes per second
    /// @param label what the roof is
    record Roofline(String description, double peakFlops, double peakBandwidth, String label, List<Point> points)
            implements Chart {
        public Roofline {
            points = List.copyOf(points);
        }
    }

    /// An operator under a roof.
    ///
    /// @param intensity FLOP per byte
    /// @param rate FLOP per second
    /// @param time nanoseconds in all
    record Point(String label, Hue hue, double intensity, double rate, double time) {}

    /// Spans on one clock, as rows from coarse to fine.
    ///
    /// @param totalNs length of the time shown
    record Timeline(String description, long totalNs, List<Row> rows) implements Chart {
        public Timeline {
            rows = List.copyOf(rows);
        }
    }

    /// One row of spans, ordered by start, without overlap.
    record Row(String label, List<Span> spans) {
        public Row {
            spans = List.copyOf(spans);
        }
    }

    /// A span of a timeline.
    ///
    /// @param name what ran
    /// @param detail more about it, such as the operator; may be empty
    /// @param bytes bytes of weights read; empty where not known
    record Span(String name, String detail, Hue hue, long startNs, long durNs, OptionalDouble bytes) {}
}
