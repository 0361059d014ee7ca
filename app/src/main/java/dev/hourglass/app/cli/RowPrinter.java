package dev.hourglass.app.cli;

import dev.hourglass.core.query.RowSink;
import dev.hourglass.core.text.CsvLines;
import dev.hourglass.core.text.Escape;
import dev.hourglass.core.text.TerminalWidth;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.io.SerializedString;

/// Prints the rows of an answer.
abstract class RowPrinter implements RowSink {
    final PrintStream out;
    final List<String> names = new ArrayList<>();
    final List<String> types = new ArrayList<>();
    long count;

    RowPrinter(PrintStream out) {
        this.out = out;
    }

    @Override
    public void columns(List<String> columnNames, List<String> columnTypes) {
        names.addAll(columnNames);
        types.addAll(columnTypes);
    }

    @Override
    public void row(@Nullable Object[] values) {
        count++;
        print(values);
    }

    abstract void print(@Nullable Object[] values);

    /// Prints what only the end can tell.
    abstract void end();

    /// Rows printed.
    long count() {
        return count;
    }

    /// A header and one line per row, fields as RFC 4180 quotes them.
    static final class Csv extends RowPrinter {
        private final CsvLines lines;

        Csv(PrintStream out, CsvLines.Formulas formulas) {
            super(out);
            lines = new CsvLines(out, Cells::plain, formulas);
        }

        @Override
        public void columns(List<String> columnNames, List<String> columnTypes) {
            super.columns(columnNames, columnTypes);
            print(columnNames.toArray());
        }

        @Override
        void print(@Nullable Object[] values) {
            lines.line(values);
        }

        @Override
        void end() {
            lines.flush();
        }
    }

    /// Whether a statement asks how the database runs another one.
    static boolean isPlan(String statement) {
        return statement.stripLeading().regionMatches(true, 0, "EXPLAIN", 0, "EXPLAIN".length());
    }

    /// The drawing of a plan, as it is.
    static final class Plan extends RowPrinter {
        Plan(PrintStream out) {
            super(out);
        }

        @Override
        void print(@Nullable Object[] values) {
            String drawing = String.valueOf(values[values.length - 1]);
            drawing.lines().map(Terminal::plain).forEach(out::println);
        }

        @Override
        void end() {
            out.flush();
        }
    }

    /// A list of objects.
    static final class Json extends RowPrinter {
        /// Texts that are kept, ready to be written.
        private static final int KNOWN = 4096;

        private static final int LONG_TEXT = 1024;

        private final List<SerializedString> keys = new ArrayList<>();
        private final Map<String, SerializedString> known = new HashMap<>();
        private final JsonGenerator json;
        private boolean keysArePlain = true;

        Json(PrintStream out) {
            super(out);
            json = dev.hourglass.core.text.Json.lines(out);
            json.writeStartArray();
        }

        @Override
        public void columns(List<String> columnNames, List<String> columnTypes) {
            super.columns(columnNames, columnTypes);
            for (int i = 0; i < columnNames.size(); i++) {
                String name = columnNames.get(i);
                int earlier = columnNames.subList(0, i).indexOf(name);
                keys.add(new SerializedString(earlier < 0 ? name : name + "_" + (i + 1)));
                keysArePlain &= isPlain(name);
            }
        }

        /// What is kept ready is not escaped once more when it is written.
        private static boolean isPlain(String text) {
            return text.codePoints().noneMatch(Escape::steers);
        }

        @Override
        void print(@Nullable Object[] values) {
            json.writeStartObject();
            for (int i = 0; i < values.length; i++) {
                if (keysArePlain) {
                    json.writeName(keys.get(i));
                } else {
                    json.writeName(keys.get(i).getValue());
                }
                if (values[i] instanceof String text && text.length() <= LONG_TEXT) {
                    print(text);
                } else {
                    dev.hourglass.core.text.Json.value(json, values[i]);
                }
            }
            json.writeEndObject();
        }

        private void print(String text) {
            SerializedString string = known.get(text);
            if (string == null && isPlain(text)) {
                if (known.size() == KNOWN) {
                    known.clear();
                }
                string = new SerializedString(text);
                known.put(text, string);
            }
            if (string == null) {
                json.writeString(text);
            } else {
                json.writeString(string);
            }
        }

        @Override
        void end() {
            json.writeEndArray();
            json.close();
            out.println();
            out.flush();
        }
    }

    /// Aligned columns. On a terminal, lines fit its width: the widest columns are cut with an ellipsis.
    static final class Table extends RowPrinter {
        private static final int MEASURED = 1000;
        private static final int NARROWEST = 8;

        private final int width;
        private final TerminalWidth terminal = Terminal.width();
        private final List<String[]> first = new ArrayList<>();
        private int[] widths = new int[0];

        /// @param width of the terminal; 0 where lines may be of any length
        Table(PrintStream out, int width) {
            super(out);
            this.width = width;
        }

        @Override
        void print(@Nullable Object[] values) {
            String[] cells = new String[values.length];
            for (int i = 0; i < values.length; i++) {
                cells[i] = values[i] == null ? "NULL" : Terminal.plain(Cells.plain(values[i]));
            }
            if (count <= MEASURED) {
                first.add(cells);
            } else {
                flushFirst();
                line(cells);
            }
        }

        @Override
        void end() {
            flushFirst();
            out.println("(" + count + (count == 1 ? " row)" : " rows)"));
            out.flush();
        }

        private void flushFirst() {
            if (widths.length > 0 || names.isEmpty()) {
                return;
            }
            measure();
            line(names.stream().map(Terminal::plain).toArray(String[]::new));
            StringBuilder rule = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                rule.append(i == 0 ? "" : "  ").append("-".repeat(widths[i]));
            }
            out.println(rule);
            first.forEach(this::line);
            first.clear();
        }

        private void measure() {
            widths = new int[names.size()];
            for (int i = 0; i < widths.length; i++) {
                widths[i] = terminal.of(Terminal.plain(names.get(i)));
                for (String[] row : first) {
                    widths[i] = Math.max(widths[i], terminal.of(row[i]));
                }
            }
            while (width > 0 && total() > width && widest() > NARROWEST) {
                int i = widestColumn();
                int excess = total() - width;
                widths[i] = Math.max(Math.max(NARROWEST, second(i)), widths[i] - excess);
                if (total() > width && widths[i] > NARROWEST) {
                    widths[i]--;
                }
            }
        }

        private int total() {
            int total = 2 * (widths.length - 1);
            for (int w : widths) {
                total += w;
            }
            return total;
        }

        private int widestColumn() {
            int best = 0;
            for (int i = 1; i < widths.length; i++) {
                best = widths[i] > widths[best] ? i : best;
            }
            return best;
        }

        private int widest() {
            return widths[widestColumn()];
        }

        private int second(int but) {
            int best = 0;
            for (int i = 0; i < widths.length; i++) {
                best = i == but ? best : Math.max(best, widths[i]);
            }
            return best;
        }

        private void line(String[] cells) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < cells.length; i++) {
                text.append(i == 0 ? "" : "  ");
                String cell = terminal.cut(cells[i], Math.max(2, widths[i]));
                text.append(
                        isNumber(i)
                                ? terminal.padLeft(cell, widths[i])
                                : i == cells.length - 1 ? cell : terminal.pad(cell, widths[i]));
            }
            out.println(text);
        }

        private boolean isNumber(int column) {
            return types.get(column)
                    .matches("(?i)(TINY|SMALL|BIG|HUGE|U.*)?INT.*|DOUBLE|FLOAT|REAL|DECIMAL.*|NUMERIC.*");
        }
    }
}
