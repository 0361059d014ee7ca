package dev.hourglass.core.read.text;

import dev.hourglass.core.read.Decimals;
import dev.hourglass.core.read.TextInput;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Head;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Source;
import dev.hourglass.core.trace.SourceClock;
import dev.hourglass.core.trace.TraceReader;
import dev.hourglass.core.trace.TraceTables;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Samples of `perf script`, best with `-F comm,pid,tid,time,event,period,ip,sym,dso`.
///
/// Its times are the kernel's scheduler clock, near to the monotonic clock but not the same unless
/// recorded with `-k mono`, so the source stays on its own time.
public final class PerfScriptReader implements TraceReader {
    private static final Pattern SAMPLE = Pattern.compile(
            "(\\S.*?)\\s+(-?\\d+)(?:/(\\d+))?\\s+(?:\\[(\\d+)\\]\\s+)?(\\d+\\.\\d{6,9}):\\s+(?:(\\d+)\\s+)?(\\S+):\\s*(.*)");
    private static final Pattern FRAME =
            Pattern.compile("\\s*([0-9a-f]+)\\s+(.*?)(?:\\s+\\(([^()]*(?:\\([^()]*\\))?[^()]*)\\))?\\s*");
    private static final Pattern OFFSET = Pattern.compile("\\+0x[0-9a-f]+$");
    /// Frames of a stack that are kept; those beyond are the outermost.
    private static final int MOST_FRAMES = 4096;

    /// Found by `ServiceLoader`.
    public PerfScriptReader() {}

    @Override
    public String format() {
        return "perf-script";
    }

    @Override
    public Match match(Head head) {
        boolean ours = head.text()
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .limit(1)
                .anyMatch(line -> SAMPLE.matcher(line).matches());
        return ours ? Match.YES : Match.NO;
    }

    @Override
    public void read(Source source, BatchSink sink, ImportContext context) throws IOException {
        context.clock(
                new SourceClock(SourceClock.Base.MONOTONIC, 0, SourceClock.Method.UNALIGNED, OptionalLong.empty()));
        try (TextInput input = new TextInput(source, context);
                RowWriter row = new RowWriter(TraceTables.CPU_SAMPLE, sink)) {
            new Samples(input, row).read();
        }
    }

    /// Function and library of one frame.
    private record Frame(String symbol, String dso) {}

    /// One file in reading.
    private static final class Samples {
        private final TextInput input;
        private final RowWriter row;
        private final List<Frame> frames = new ArrayList<>();
        private @Nullable Matcher sample;
        private long samples;

        Samples(TextInput input, RowWriter row) {
            this.input = input;
            this.row = row;
        }

        void read() throws IOException {
            for (String line = input.next(); line != null; line = input.next()) {
                if (line.isBlank()) {
                    end();
                } else if (line.startsWith("\t") || line.startsWith("    ")) {
                    frame(line);
                } else if (!line.startsWith("#")) {
                    end();
                    begin(line);
                }
            }
            if (sample != null && !input.ended()) {
                input.note("truncated", Severity.DATA_LOSS);
            }
            end();
            input.context().stats().read("cpu_sample", samples);
        }

        private void begin(String line) {
            Matcher matcher = SAMPLE.matcher(line);
            if (!matcher.matches()) {
                input.lost();
                return;
            }
            sample = matcher;
            if (!matcher.group(8).isBlank()) {
                frame(matcher.group(8));
            }
        }

        private void frame(String line) {
            Matcher matcher = FRAME.matcher(line);
            if (sample == null) {
                input.lost();
            } else if (matcher.matches() && frames.size() < MOST_FRAMES) {
                frames.add(new Frame(symbol(matcher.group(2)), matcher.group(3) == null ? "" : matcher.group(3)));
            } else {
                input.note("other_detail", Severity.INFO);
            }
        }

        /// The name without the offset; `;` joins frames, so it may not stand in one.
        private static String symbol(String text) {
            return OFFSET.matcher(text).replaceFirst("").replace(';', ':');
        }

        private void end() {
            Matcher head = sample;
            if (head == null) {
                return;
            }
            boolean pair = head.group(3) != null;
            row.set("thread", head.group(1))
                    .set("event", head.group(7))
                    .set("source_id", input.context().sourceId());
            Decimals.integer(pair ? head.group(3) : head.group(2)).ifPresent(tid -> row.set("tid", tid));
            if (pair) {
                Decimals.integer(head.group(2)).ifPresent(pid -> row.set("pid", pid));
            }
            if (head.group(4) != null) {
                Decimals.integer(head.group(4)).ifPresent(cpu -> row.set("cpu", cpu));
            }
            Decimals.scaled(head.group(5), 9).ifPresent(ts -> row.set("ts", ts));
            row.set(
                    "period",
                    head.group(6) == null ? 1 : Decimals.integer(head.group(6)).orElse(1));
            stack();
            row.end();
            sample = null;
            frames.clear();
            samples++;
        }

        private void stack() {
            if (frames.isEmpty()) {
                return;
            }
            row.set(
                    "stack",
                    String.join(
                            ";", frames.reversed().stream().map(Frame::symbol).toList()));
            row.set("leaf", frames.getFirst().symbol());
            if (!frames.getFirst().dso().isEmpty()) {
                row.set("dso", frames.getFirst().dso());
            }
        }
    }
}
