package dev.hourglass.core.read.probe;

import dev.hourglass.core.read.cupti.DeviceTimeline;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The steps that workers ran, as annotations around the calls of their threads, named as the engine's own profiler
/// names them: so device work belongs to the step whose calls started it. Kept only where a GPU's timeline was
/// recorded.
final class StepSpans {
    /// Of all workers: days of them.
    private static final int MOST = 1 << 23;

    private final DeviceTimeline timeline;
    private final List<Span> spans = new ArrayList<>();
    private final Map<Key, String> names = new HashMap<>();
    private boolean wanted;

    private record Key(String engine, long step) {}

    private record Span(Optional<String> engine, long pid, long tid, long step, long ts, long end) {}

    StepSpans(DeviceTimeline timeline) {
        this.timeline = timeline;
    }

    /// What takes in the records of one process.
    ///
    /// @param activities its activities: its steps count once there are some
    RecordRows of(ProbedProcess process, ActivityRows activities) {
        Map<Integer, Long> tids = new HashMap<>();
        return new RecordRows() {
            @Override
            public boolean take(ProbeRecord record) {
                wanted |= activities.any();
                switch (record.name()) {
                    case "thread" -> {
                        Values thread = record.values();
                        tids.put((int) thread.number("index", -1), thread.number("tid", 0));
                        timeline.nameThread(process.pid(), thread.number("tid", 0), record.text());
                    }
                    case "exec" -> {
                        if (activities.areRecorded()) {
                            ran(process, record, tids.getOrDefault(record.thread(), process.pid()));
                        }
                    }
                    case "step" -> {
                        if (wanted) {
                            decided(process, record.values());
                        }
                    }
                    default -> {}
                }
                return false;
            }

            @Override
            public void end() {
                // written when all processes are read
            }
        };
    }

    private void ran(ProbedProcess process, ProbeRecord record, long tid) {
        Values exec = record.values();
        long end = record.ts() + exec.number("execute_ns", 0);
        long sampled =
                exec.number("sample_ts").isPresent() ? exec.number("sample_ts", 0) + exec.number("sample_ns", 0) : end;
        if (spans.size() < MOST) {
            spans.add(new Span(
                    process.engine(),
                    process.pid(),
                    tid,
                    exec.number("step", -1),
                    record.ts(),
                    Math.max(end, sampled)));
        }
    }

    private void decided(ProbedProcess process, Values step) {
        if (process.engine().isEmpty() || names.size() >= MOST) {
            return;
        }
        long prefills = step.number("prefill_requests", 0) + step.number("recompute_requests", 0);
        long prefillTokens = step.number("prefill_tokens", 0) + step.number("recompute_tokens", 0);
        long number = step.number("step", -1);
        names.put(
                new Key(process.engine().get(), number),
                "execute_" + number + "_context_" + prefills + "(" + prefillTokens + ")_generation_"
                        + step.number("decode_requests", 0) + "(" + step.number("decode_tokens", 0) + ")");
    }

    /// Hands over all steps.
    void end() {
        for (Span span : spans) {
            String name = span.engine
                    .map(engine -> names.get(new Key(engine, span.step)))
                    .orElse("step " + span.step);
            timeline.step(span.pid, span.tid, span.ts, span.end, name);
        }
    }
}
