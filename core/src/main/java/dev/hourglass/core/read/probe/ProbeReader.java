package dev.hourglass.core.read.probe;

import dev.hourglass.core.read.cupti.DeviceTimeline;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Head;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Source;
import dev.hourglass.core.trace.SourceClock;
import dev.hourglass.core.trace.TraceFormatException;
import dev.hourglass.core.trace.TraceReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/// The segments that the probe's processes wrote: one file, or all those of a directory.
///
/// Times are those of CLOCK_MONOTONIC, as they were written.
public final class ProbeReader implements TraceReader {
    private static final String SUFFIX = ".seg";

    /// Records that are kept for readers to come, or that stand in others.
    private static final Set<String> UNUSED = Set.of(
            "str",
            "thread",
            "clock",
            "meta",
            "config",
            "front_end",
            "kv_pool",
            "kv_reset",
            "moe_placement",
            "gil_wait");

    private final RecordLayout layout = RecordLayout.present();

    /// Found by `ServiceLoader`.
    public ProbeReader() {}

    @Override
    public String format() {
        return "hourglass-probe";
    }

    @Override
    public Match match(Head head) {
        boolean ours = head.isDirectory()
                ? head.entries().stream().anyMatch(entry -> entry.endsWith(SUFFIX))
                : head.startsWith(RecordLayout.MAGIC);
        return ours ? Match.YES : Match.NO;
    }

    @Override
    public Claim claim(Source directory) throws IOException {
        Set<String> entries = new HashSet<>();
        Map<String, String> others = new HashMap<>();
        for (String entry : directory.head().entries()) {
            if (!entry.endsWith(SUFFIX) || entry.startsWith(".")) {
                continue;
            }
            if (Segment.begins(directory.resolve(entry).head().bytes())) {
                entries.add(entry);
            } else {
                others.put(entry, "does not begin with " + RecordLayout.MAGIC);
            }
        }
        return new Claim(entries, others);
    }

    @Override
    public void read(Source source, BatchSink sink, ImportContext context) throws IOException {
        context.clock(new SourceClock(SourceClock.Base.MONOTONIC, 0, SourceClock.Method.NONE, OptionalLong.empty()));
        List<Segment> segments = segments(source, context);
        Processes processes = Processes.of(segments, layout, context);
        try (Rows rows = new Rows(sink, context.sourceId());
                DeviceTimeline timeline = new DeviceTimeline(sink, context)) {
            StepFacts facts = new StepFacts();
            Requests requests = new Requests(rows);
            ExpertRows experts = new ExpertRows(rows);
            StepSpans steps = new StepSpans(timeline);
            for (ProbedProcess process : processes.inReadingOrder()) {
                ActivityRows activities = new ActivityRows(process, timeline, rows, context.stats());
                List<RecordRows> takers = List.of(
                        activities,
                        steps.of(process, activities),
                        new SelfRows(process, rows, context.stats()),
                        new EngineRows(process, rows, facts, context.stats()),
                        new WorkerRows(process, rows, facts),
                        experts.of(process.isFirstOfTensorParallel()),
                        requests.of(process),
                        new HostRows(process, rows));
                read(process, takers, context);
                takers.stream().filter(taker -> taker != experts).forEach(RecordRows::end);
            }
            experts.end();
            requests.end();
            steps.end();
        }
    }

    private List<Segment> segments(Source source, ImportContext context) throws IOException {
        if (!source.head().isDirectory()) {
            return List.of(Segment.of(source, layout));
        }
        List<Segment> segments = new ArrayList<>();
        for (String entry : claim(source).entries().stream().sorted().toList()) {
            try {
                segments.add(Segment.of(source.resolve(entry), layout));
            } catch (TraceFormatException e) {
                context.stats().count("unreadable_segment", Severity.DATA_LOSS, String.valueOf(e.getMessage()));
            }
        }
        return segments;
    }

    private void read(ProbedProcess process, List<RecordRows> takers, ImportContext context) throws IOException {
        Texts texts = new Texts(layout);
        Map<String, Long> read = new HashMap<>();
        for (Segment segment : process.segments()) {
            segment.read(context, (number, bytes) -> {
                RecordLayout.RecordType type = layout.types().get(number);
                if (type == null || !ProbeRecord.isWhole(type, bytes)) {
                    lost(segment, number, type == null, context);
                    return;
                }
                ProbeRecord record = ProbeRecord.of(type, bytes, texts);
                if (type.name().equals("str")) {
                    texts.tell(record.values().number("id", 0), record.text());
                } else {
                    read.merge(type.name(), 1L, Long::sum);
                    take(record, takers, segment, context);
                }
            });
        }
        read.forEach(context.stats()::read);
    }

    private static void take(ProbeRecord record, List<RecordRows> takers, Segment segment, ImportContext context) {
        boolean taken = false;
        for (RecordRows taker : takers) {
            taken = taker.take(record) || taken;
        }
        if (!taken && !UNUSED.contains(record.name())) {
            context.stats()
                    .count(
                            "record_left_out",
                            Severity.NOTICE,
                            segment.source().name() + ": records " + record.name() + " are kept and not yet explained");
        }
    }

    private static void lost(Segment segment, int number, boolean unknown, ImportContext context) {
        context.stats()
                .count(
                        unknown ? "unknown_record" : "damaged_record",
                        unknown ? Severity.NOTICE : Severity.DATA_LOSS,
                        segment.source().name() + ": type " + number
                                + (unknown
                                        ? ", which this Hourglass does not know"
                                        : ", whose tail is longer than it"));
    }
}
