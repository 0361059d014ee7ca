package dev.hourglass.core.read.probe;

import dev.hourglass.core.trace.RowWriter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// What the first worker of each engine tells of its steps, held as small as it can be until the engine core's own
/// records come.
final class StepFacts {
    /// Steps of an engine: days of them.
    private static final int MOST_STEPS = 1 << 24;
    private static final int FIRST_ROOM = 1 << 10;
    private static final int ABSENT = -1;

    private final Map<String, Steps> byEngine = new HashMap<>();

    /// One engine's.
    private static final class Steps {
        private final long worker;
        private int[] padded = new int[0];
        private byte[] mode = new byte[0];
        private long[] gpuNs = new long[0];
        private final Map<String, Byte> modes = new HashMap<>();

        Steps(long worker) {
            this.worker = worker;
        }

        void room(int step) {
            if (step >= padded.length) {
                int known = padded.length;
                int wanted = Math.max(FIRST_ROOM, Math.max(step + 1, known * 2));
                padded = Arrays.copyOf(padded, wanted);
                mode = Arrays.copyOf(mode, wanted);
                gpuNs = Arrays.copyOf(gpuNs, wanted);
                Arrays.fill(padded, known, wanted, ABSENT);
                Arrays.fill(mode, known, wanted, (byte) ABSENT);
                Arrays.fill(gpuNs, known, wanted, ABSENT);
            }
        }
    }

    /// Takes in a step of a worker; of several workers only the first one's count.
    void tell(String engine, long worker, Values exec) {
        long step = exec.number("step", MOST_STEPS);
        Steps steps = byEngine.computeIfAbsent(engine, name -> new Steps(worker));
        if (steps.worker != worker || step >= MOST_STEPS) {
            return;
        }
        steps.room((int) step);
        exec.number("padded_tokens").ifPresent(tokens -> steps.padded[(int) step] = (int) tokens);
        exec.word("mode")
                .ifPresent(word ->
                        steps.mode[(int) step] = steps.modes.computeIfAbsent(word, name -> (byte) steps.modes.size()));
    }

    void tellDevice(String engine, long worker, long step, long gpuNs) {
        Steps steps = byEngine.get(engine);
        if (steps != null && steps.worker == worker && step < MOST_STEPS) {
            steps.room((int) step);
            steps.gpuNs[(int) step] = gpuNs;
        }
    }

    /// Sets what is known of a step.
    void write(String engine, long step, RowWriter row) {
        Steps steps = byEngine.get(engine);
        if (steps == null || step < 0 || step >= steps.padded.length) {
            return;
        }
        int at = (int) step;
        if (steps.padded[at] != ABSENT) {
            row.set("padded_tokens", steps.padded[at]);
        }
        if (steps.gpuNs[at] != ABSENT) {
            row.set("gpu_ns", steps.gpuNs[at]);
        }
        steps.modes.forEach((word, number) -> {
            if (number == steps.mode[at]) {
                row.set("graph_mode", word);
            }
        });
    }
}
