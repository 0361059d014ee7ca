package dev.hourglass.core.read.cupti;

import dev.hourglass.core.read.LaunchCalls;
import dev.hourglass.core.read.Scratch;
import dev.hourglass.core.read.SliceWriter;
import dev.hourglass.core.read.StageRanges;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Moments;
import dev.hourglass.core.trace.Severity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The timeline that activities tell: calls of the host, kernels, copies, sets, graphs and waits in the tables of
/// any trace, with the steps of an engine as stages of the threads that ran them.
public final class DeviceTimeline implements AutoCloseable {
    private static final int CHUNK = 1024;
    /// By which a clock that is only drifting does not change from one pair of readings to the next.
    private static final long LARGEST_STEP_NS = 1_000_000;

    private record Step(long thread, long ts, long end, String name) {}

    private final BatchSink sink;
    private final ImportContext context;
    private final Scratch scratch;
    private final ActivityTracks tracks;
    private final List<ProcessActivities> processes = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();

    public DeviceTimeline(BatchSink sink, ImportContext context) {
        this.sink = sink;
        this.context = context;
        this.scratch = new Scratch(context.scratch(), Scratch.IN_MEMORY);
        this.tracks = new ActivityTracks(sink, context);
    }

    /// A process whose activities will come.
    ///
    /// @param name for people
    public ProcessActivities process(long pid, String name) {
        tracks.nameProcess(pid, name);
        ProcessActivities process = new ProcessActivities(pid, scratch, context.stats());
        processes.add(process);
        return process;
    }

    /// What a thread is called.
    public void nameThread(long pid, long tid, String name) {
        tracks.nameThread(pid, tid, name);
    }

    /// A step that a thread ran, as an annotation around its calls.
    ///
    /// @param name as an engine's own profiler would name it
    public void step(long pid, long tid, long ts, long end, String name) {
        if (Moments.isPossible(ts) && Moments.isPossible(end) && end > ts) {
            steps.add(new Step(LaunchCalls.thread(pid, tid), ts, end, name));
        }
    }

    /// Writes everything; without activities nothing.
    @Override
    public void close() {
        try (scratch;
                tracks) {
            if (!processes.isEmpty()) {
                write();
            }
        }
    }

    private void write() {
        StageRanges stages = new StageRanges(context);
        try (SliceWriter slices = new SliceWriter(sink, context);
                LaunchCalls calls = new LaunchCalls(sink, context)) {
            processes.forEach(process -> calls(process, slices, calls));
            try (DeviceWork work = new DeviceWork(sink, context, slices, calls, tracks)) {
                processes.forEach(work::write);
            }
            for (Step step : steps) {
                long track = tracks.threadTrack(step.thread);
                long id = slices.add(track, step.ts, step.end - step.ts, step.name, "user_annotation");
                stages.offer(id, track, step.ts, step.end - step.ts, step.name);
            }
            calls.write(sink, tracks);
        }
        stages.write(sink);
        processes.forEach(this::lost);
    }

    private void calls(ProcessActivities process, SliceWriter slices, LaunchCalls calls) {
        Map<Long, LaunchCalls.Name> names = new HashMap<>();
        process.calls.forEach(CHUNK, (rows, count) -> {
            for (int at = 0; at < count * ProcessActivities.CALL_STRIDE; at += ProcessActivities.CALL_STRIDE) {
                LaunchCalls.Name name = names.computeIfAbsent(
                        rows[at + ProcessActivities.CALL_FUNCTION], number -> calls.name(process.function(number)));
                call(process, rows, at, name, slices, calls);
            }
        });
    }

    private void call(
            ProcessActivities process,
            long[] rows,
            int at,
            LaunchCalls.Name name,
            SliceWriter slices,
            LaunchCalls calls) {
        Times times = Times.of(process.clocks, rows[at], rows[at + ProcessActivities.END]);
        if (!times.isKnown()) {
            context.stats().count("impossible_time", Severity.DATA_LOSS, "a call of " + name.plain());
            return;
        }
        long thread = LaunchCalls.thread(process.pid, rows[at + ProcessActivities.CALL_THREAD]);
        long id = slices.add(tracks.threadTrack(thread), times.ts(), times.dur(), name.plain(), name.category());
        long correlation = rows[at + ProcessActivities.CALL_CORRELATION];
        if (correlation != 0) {
            slices.withCorrelation(correlation);
        }
        calls.add(id, times.ts(), times.dur(), name, correlation == 0 ? LaunchCalls.NONE : correlation, thread);
        context.stats().read("launch", 1);
    }

    private void lost(ProcessActivities process) {
        if (process.clocks.largestStep() > LARGEST_STEP_NS) {
            context.stats()
                    .count(
                            "clock_step",
                            Severity.NOTICE,
                            "process " + process.pid + ": the day's clock, which its GPU's times are by, was set by "
                                    + process.clocks.largestStep()
                                    + " ns; what ran within a second of it is misplaced");
        }
        if (process.lost() > 0) {
            context.stats()
                    .count(
                            "activities_lost",
                            Severity.DATA_LOSS,
                            process.lost(),
                            "process " + process.pid
                                    + ": records of its GPU that CUPTI dropped, or that found no buffer");
        }
    }
}
