package dev.hourglass.core.read;

import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Source;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// A text source read by line, with the counts that every reader of text owes: what was repaired,
/// what was cut, where the first damage stands.
public final class TextInput implements AutoCloseable {
    /// Bytes between two reports of progress.
    private static final long BYTES_PER_REPORT = 1 << 20;
    /// Characters of a name that are kept: those of functions with many template arguments run to thousands.
    static final int LONGEST_NAME = 1 << 16;

    private final Source source;
    private final ImportContext context;
    private final InputStream in;
    private final TextLines lines;
    private long reported;

    public TextInput(Source source, ImportContext context) throws IOException {
        this.source = source;
        this.context = context;
        this.in = source.open();
        this.lines = new TextLines(in);
    }

    /// The next line without its end, or null after the last one.
    @Nullable
    public String next() throws IOException {
        String line = lines.next();
        if (line == null || lines.offset() - reported > BYTES_PER_REPORT) {
            context.progress(lines.offset() - reported);
            reported = lines.offset();
        }
        return line;
    }

    public String name() {
        return source.name();
    }

    public ImportContext context() {
        return context;
    }

    /// Byte offset of the last line.
    public long offset() {
        return lines.offset();
    }

    /// Whether the last line had its line end.
    public boolean ended() {
        return lines.ended();
    }

    /// Counts the last line as lost: damaged, or cut where it is the last one and has no line end.
    public void lost() {
        context.stats().count(ended() ? "damaged_line" : "truncated", Severity.DATA_LOSS, place());
    }

    /// Counts something about the last line.
    public void note(String kind, Severity severity) {
        context.stats().count(kind, severity, place());
    }

    /// Counts the last line as one of something else that was printed between.
    public void foreign() {
        note("foreign_line", Severity.NOTICE);
    }

    /// A name as it is kept: what is beyond [#LONGEST_NAME] characters is cut off and counted.
    public String name(String printed) {
        if (printed.length() <= LONGEST_NAME) {
            return printed;
        }
        note("overlong_name", Severity.DATA_LOSS);
        int end = Character.isHighSurrogate(printed.charAt(LONGEST_NAME - 1)) ? LONGEST_NAME - 1 : LONGEST_NAME;
        return printed.substring(0, end);
    }

    /// Counts that the last line, though whole in form, has no line end: a number at its end may be cut.
    public void noteUnended() {
        if (!ended()) {
            note("last_line_unended", Severity.NOTICE);
        }
    }

    public String place() {
        return "line " + lines.number() + ", byte " + lines.offset();
    }

    @Override
    public void close() throws IOException {
        in.close();
        long repaired = lines.repaired();
        if (repaired > 0) {
            context.stats()
                    .count(
                            "repaired_text",
                            Severity.NOTICE,
                            repaired,
                            "control characters or malformed UTF-8 became U+FFFD");
        }
        if (lines.overlong() > 0) {
            context.stats()
                    .count(
                            "overlong_line",
                            Severity.DATA_LOSS,
                            lines.overlong(),
                            "read up to " + TextLines.LONGEST_LINE_BYTES + " bytes");
        }
        lines.failure().ifPresent(end -> DamagedArchiveException.count(end, lines.consumed(), context.stats()));
    }
}
