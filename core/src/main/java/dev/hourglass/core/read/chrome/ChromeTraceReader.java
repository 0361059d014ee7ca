package dev.hourglass.core.read.chrome;

import dev.hourglass.core.read.Prefetch;
import dev.hourglass.core.read.Scratch;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Head;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Source;
import dev.hourglass.core.trace.SourceClock;
import dev.hourglass.core.trace.TraceFormatException;
import dev.hourglass.core.trace.TraceReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.OptionalLong;

/// Reads Chrome traces: those of PyTorch's profiler first of all, and of everything else that writes
/// the form (ONNX Runtime, engines, the profiler that PyTorch had before).
///
/// A plain file is cut into stretches that several threads parse; an archive is unpacked on one
/// thread, parsed on another, and assembled on a third.
public final class ChromeTraceReader implements TraceReader {
    private static final long PARALLEL_FROM = 16L << 20;
    private static final int STRETCH = 4 << 20;

    private final long parallelFrom;
    private final int stretch;
    private final int inMemory;

    /// Called by `ServiceLoader`.
    public ChromeTraceReader() {
        this(PARALLEL_FROM, STRETCH, Scratch.IN_MEMORY);
    }

    /// @param parallelFrom size of a plain file from which on several threads parse it
    /// @param stretch bytes that one thread parses at a time
    ChromeTraceReader(long parallelFrom, int stretch) {
        this(parallelFrom, stretch, Scratch.IN_MEMORY);
    }

    /// @param inMemory numbers that are put aside in memory before a temporary file is used
    ChromeTraceReader(long parallelFrom, int stretch, int inMemory) {
        this.parallelFrom = parallelFrom;
        this.stretch = stretch;
        this.inMemory = inMemory;
    }

    @Override
    public String format() {
        return "chrome-json";
    }

    @Override
    public Match match(Head head) {
        if (head.isDirectory()) {
            return Match.NO;
        }
        String text = head.stripped();
        if (text.startsWith("[")) {
            String first = text.substring(1).stripLeading();
            boolean none = first.startsWith("]") && first.substring(1).isBlank();
            boolean events = none || (first.startsWith("{") && (text.contains("\"ph\"") || text.contains("\"cat\"")));
            return events ? Match.YES : Match.NO;
        }
        if (!text.startsWith("{")) {
            return Match.NO;
        }
        if (text.contains("\"traceEvents\"")) {
            return Match.YES;
        }
        return text.contains("\"schemaVersion\"") && text.contains("\"deviceProperties\"") ? Match.YES : Match.MAYBE;
    }

    @Override
    public void read(Source source, BatchSink sink, ImportContext context) throws IOException {
        Dictionary dictionary = new Dictionary();
        TrackKeys keys = new TrackKeys();
        try (Scratch scratch = new Scratch(context.scratch(), inMemory)) {
            ChromeAssembler assembler = new ChromeAssembler(dictionary, keys, scratch, sink, context);
            ChromeImport run = new ChromeImport(source, dictionary, keys, assembler, context);
            events(source, run);
            if (assembler.isEmpty() && !run.sawList()) {
                throw new TraceFormatException(
                        source.name(), run.end(), "an event list: \"traceEvents\": [ or a bare [");
            }
            ChromeEnvelope envelope = run.envelope();
            envelope.write(sink, context);
            assembler.finish(base(envelope, assembler, context));
        }
    }

    private void events(Source source, ChromeImport run) throws IOException {
        Path plain = source.plainFile().orElse(null);
        if (plain != null && source.size() >= parallelFrom) {
            run.parallel(plain, stretch);
            return;
        }
        if (plain != null) {
            try (InputStream in = source.open()) {
                run.sequential(in);
            }
            return;
        }
        try (InputStream in = new Prefetch(source.open())) {
            run.sideBySide(in);
        }
    }

    /// What times count from. Old traces have no base; their times are Unix time if they are large
    /// enough to be.
    private static long base(ChromeEnvelope envelope, ChromeAssembler assembler, ImportContext context) {
        ChromeBounds bounds = assembler.bounds();
        OptionalLong base = envelope.baseNs();
        if (base.isPresent() && bounds.fit(base.getAsLong())) {
            context.clock(SourceClock.unix(0));
            return base.getAsLong();
        }
        if (base.isPresent()) {
            context.stats().count("impossible_base_time", Severity.ERROR, "baseTimeNanoseconds " + base.getAsLong());
        }
        if (bounds.areUnix()) {
            context.clock(SourceClock.unix(1000));
        } else {
            context.clock(SourceClock.unaligned());
            if (!bounds.isEmpty()) {
                context.stats().count("no_base_time", Severity.INFO, "whole file");
            }
        }
        return 0;
    }
}
