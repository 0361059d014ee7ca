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
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Samples of `perf script`, best with `-F comm,pid,tid,time,event,period,ip,sym,dso`.
///
/// Its times are the kernel's scheduler clock, near to the monotonic clock but not the same unless
/// recorded with `-k mono`, so the source stays on its own time.
public final class PerfScriptReader implements TraceReader {
    /// Frames of a stack that are kept; those beyond are the outermost.
    private static final int MOST_FRAMES = 4096;
    /// Characters of their names together.
    private static final int MOST_STACK_CHARACTERS = 1 << 20;

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
                .anyMatch(line -> PerfSample.parse(line).isPresent());
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

    /// One file in reading.
    private static final class Samples {
        private final TextInput input;
        private final RowWriter row;
        private final List<PerfFrame> frames = new ArrayList<>();
        private @Nullable PerfSample sample;
        private int characters;
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
            Optional<PerfSample> begun = PerfSample.parse(line);
            if (begun.isEmpty()) {
                input.lost();
                return;
            }
            sample = begun.get();
            if (!begun.get().frame().isBlank()) {
                frame(begun.get().frame());
            }
        }

        private void frame(String line) {
            Optional<PerfFrame> frame = PerfFrame.parse(line);
            if (sample == null) {
                input.lost();
            } else if (frame.isEmpty()) {
                input.note("other_detail", Severity.INFO);
            } else if (frames.size() == MOST_FRAMES || characters > MOST_STACK_CHARACTERS) {
                input.note("stack_cut", Severity.DATA_LOSS);
            } else {
                String symbol = input.name(frame.get().symbol());
                characters += symbol.length();
                frames.add(new PerfFrame(symbol, input.name(frame.get().dso())));
            }
        }

        private void end() {
            PerfSample head = sample;
            if (head == null) {
                return;
            }
            row.set("thread", input.name(head.command().thread()))
                    .set("event", input.name(head.event()))
                    .set("source_id", input.context().sourceId());
            number("tid", head.command().tid());
            number("pid", head.command().pid());
            number("cpu", head.cpu());
            Decimals.scaled(head.time(), 9).ifPresentOrElse(ts -> row.set("ts", ts), this::badNumber);
            if (head.period().isEmpty()) {
                row.set("period", 1L);
            } else {
                number("period", head.period());
            }
            stack();
            row.end();
            sample = null;
            frames.clear();
            characters = 0;
            samples++;
        }

        private void number(String column, String printed) {
            if (!printed.isEmpty()) {
                Decimals.integer(printed).ifPresentOrElse(value -> row.set(column, value), this::badNumber);
            }
        }

        private void badNumber() {
            input.note("bad_number", Severity.DATA_LOSS);
        }

        private void stack() {
            if (frames.isEmpty()) {
                return;
            }
            row.set(
                    "stack",
                    String.join(
                            ";",
                            frames.reversed().stream().map(PerfFrame::symbol).toList()));
            row.set("leaf", frames.getFirst().symbol());
            if (!frames.getFirst().dso().isEmpty()) {
                row.set("dso", frames.getFirst().dso());
            }
        }
    }
}
