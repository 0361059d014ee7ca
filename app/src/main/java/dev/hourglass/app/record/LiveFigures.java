package dev.hourglass.app.record;

import dev.hourglass.core.export.RunFamily;
import dev.hourglass.core.read.probe.LiveTail;
import dev.hourglass.core.text.Exposition;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.TraceTables;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a recording knows by now, as Prometheus' text: sums over the engine's steps by phase, from what its probe has
/// written, and samples of the GPUs, the last ones and, by phase, those taken while a step ran.
///
/// Holds sums, the last samples, and some thousand samples and steps that wait for each other, however long the
/// run is.
public final class LiveFigures implements BatchSink {
    private static final int MOST_WAITING = 16_384;
    private static final int MOST_STEPS = 4_096;
    /// Different labels of a family: phases are few, GPUs too.
    private static final int MOST_SERIES = 4_096;

    private static final double NS_PER_S = 1e9;

    private final LiveTail tail;
    private final Map<RunFamily, Map<Map<String, String>, Sum>> sums = new EnumMap<>(RunFamily.class);
    private final Map<RunFamily, Map<Map<String, String>, Double>> values = new EnumMap<>(RunFamily.class);
    private final Deque<Sample> waiting = new ArrayDeque<>();
    private final Deque<LiveTail.Step> steps = new ArrayDeque<>();
    private final Engine engine = new Engine();

    private record Sample(long ts, Map<String, String> labels, double value) {}

    private static final class Sum {
        private double sum;
        private long count;
    }

    /// @param records directory that takes what the probe writes
    public LiveFigures(Path records) {
        this.tail = new LiveTail(records);
    }

    /// Sees what is sampled of the machine.
    @Override
    public synchronized void accept(EventBatch batch) {
        if (batch.table().equals(TraceTables.HW_SAMPLE)) {
            int ts = batch.table().indexOf("ts");
            int value = batch.table().indexOf("value");
            byte[] @Nullable [] device = batch.texts(batch.table().indexOf("device"));
            byte[] @Nullable [] metric = batch.texts(batch.table().indexOf("metric"));
            byte[] @Nullable [] unit = batch.texts(batch.table().indexOf("unit"));
            for (int row = 0; row < batch.size(); row++) {
                Map<String, String> labels = new LinkedHashMap<>();
                labels.put("device", text(device[row]));
                labels.put("metric", text(metric[row]));
                labels.put("unit", text(unit[row]));
                sampled(new Sample(batch.longs(ts)[row], labels, batch.doubles(value)[row]));
            }
        }
    }

    private static String text(byte @Nullable [] bytes) {
        return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
    }

    private void sampled(Sample sample) {
        set(RunFamily.GPU_SAMPLE, sample.labels, sample.value);
        if (waiting.size() == MOST_WAITING) {
            waiting.removeFirst();
        }
        waiting.addLast(sample);
    }

    /// As it is now.
    public synchronized String text() {
        tail.poll(engine);
        placeSamples();
        Exposition text = new Exposition();
        for (RunFamily family : RunFamily.values()) {
            if (sums.containsKey(family) || values.containsKey(family)) {
                text.family(family.metric(), family.kind().word(), family.help());
                sums.getOrDefault(family, Map.of()).forEach((labels, sum) -> {
                    text.sample(family.metric() + "_sum", labels, sum.sum);
                    text.sample(family.metric() + "_count", labels, (double) sum.count);
                });
                values.getOrDefault(family, Map.of())
                        .forEach((labels, value) -> text.sample(family.metric(), labels, value));
            }
        }
        return text.toString();
    }

    /// A sample belongs to the step in which it was taken; one that is newer than all steps that are over waits.
    private void placeSamples() {
        TreeMap<Long, LiveTail.Step> byStart = new TreeMap<>();
        steps.forEach(step -> byStart.put(step.ts(), step));
        long last = steps.stream().mapToLong(LiveTail.Step::end).max().orElse(Long.MIN_VALUE);
        waiting.removeIf(sample -> {
            if (sample.ts > last) {
                return false;
            }
            Map.Entry<Long, LiveTail.Step> step = byStart.floorEntry(sample.ts);
            if (step != null && sample.ts <= step.getValue().end()) {
                Map<String, String> labels = new LinkedHashMap<>(sample.labels);
                labels.put("phase", step.getValue().phase());
                add(RunFamily.PHASE_GPU_SAMPLE, labels, sample.value);
            }
            return true;
        });
    }

    private void add(RunFamily family, Map<String, String> labels, double value) {
        Map<Map<String, String>, Sum> series = sums.computeIfAbsent(family, f -> new LinkedHashMap<>());
        if (series.size() < MOST_SERIES || series.containsKey(labels)) {
            Sum sum = series.computeIfAbsent(labels, l -> new Sum());
            sum.sum += value;
            sum.count++;
        }
    }

    private void set(RunFamily family, Map<String, String> labels, double value) {
        Map<Map<String, String>, Double> series = values.computeIfAbsent(family, f -> new LinkedHashMap<>());
        if (series.size() < MOST_SERIES || series.containsKey(labels)) {
            series.put(labels, value);
        }
    }

    /// Takes in what the probe tells.
    private final class Engine implements LiveTail.Listener {
        @Override
        public void step(LiveTail.Step step) {
            Map<String, String> phase = Map.of("phase", step.phase());
            add(RunFamily.ENGINE_STEP_SECONDS, phase, (step.end() - step.ts()) / NS_PER_S);
            told(RunFamily.ENGINE_STEP_TOKENS, phase, step.tokens(), 1);
            told(RunFamily.ENGINE_STEP_REQUESTS, phase, step.requests(), 1);
            told(RunFamily.ENGINE_SCHEDULE_SECONDS, phase, step.scheduleNs(), NS_PER_S);
            if (steps.size() == MOST_STEPS) {
                steps.removeFirst();
            }
            steps.addLast(step);
        }

        private void told(RunFamily family, Map<String, String> phase, long value, double per) {
            if (value >= 0) {
                add(family, phase, value / per);
            }
        }

        @Override
        public void forward(String phase, double seconds) {
            add(RunFamily.ENGINE_FORWARD_SECONDS, Map.of("phase", phase), seconds);
        }

        @Override
        public void device(String phase, double seconds) {
            add(RunFamily.ENGINE_FORWARD_GPU_SECONDS, Map.of("phase", phase), seconds);
        }

        @Override
        public void state(LiveTail.State state) {
            set(RunFamily.ENGINE_REQUESTS_RUNNING, Map.of(), (double) state.running());
            set(RunFamily.ENGINE_REQUESTS_WAITING, Map.of(), (double) state.waiting());
            if (Double.isFinite(state.kvUsage())) {
                set(RunFamily.ENGINE_KV_USAGE_RATIO, Map.of(), state.kvUsage());
            }
        }

        @Override
        public void request(String event) {
            if (event.equals("finished")) {
                count(RunFamily.ENGINE_REQUESTS_FINISHED_TOTAL);
            } else if (event.equals("preempted")) {
                count(RunFamily.ENGINE_PREEMPTIONS_TOTAL);
            }
        }

        private void count(RunFamily family) {
            Map<Map<String, String>, Double> series = values.getOrDefault(family, Map.of());
            set(family, Map.of(), series.getOrDefault(Map.<String, String>of(), 0.0) + 1);
        }
    }
}
