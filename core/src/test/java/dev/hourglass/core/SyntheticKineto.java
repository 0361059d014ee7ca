package dev.hourglass.core;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/// Writes a synthetic recording as the PyTorch profiler does.
final class SyntheticKineto {
    private static final long BASE = 1_700_000_000_000_000_000L;

    private SyntheticKineto() {}

    static Path write(
            List<SyntheticTrace.Host> hosts, List<SyntheticTrace.Work> works, boolean linked, long seed, Path file)
            throws IOException {
        List<String> events = new ArrayList<>();
        for (SyntheticTrace.Host h : hosts) {
            String args = number("correlation", h.correlation()) + number("External id", h.external()) + h.args();
            events.add(event(h.category(), h.name(), h.process(), h.thread(), h.ts(), h.dur(), args));
        }
        for (SyntheticTrace.Work w : works) {
            String args = ", \"device\": " + w.device() + ", \"context\": 1, \"stream\": " + w.stream()
                    + (linked ? number("correlation", w.correlation()) + number("External id", w.external()) : "")
                    + (linked && w.node() ? number("graph node id", w.correlation()) : "") + number("bytes", w.bytes());
            events.add(event(w.category(), w.name(), w.device(), w.stream(), w.ts(), w.dur(), args));
        }
        Collections.shuffle(events, new Random(seed));
        return Files.writeString(
                file,
                "{\"schemaVersion\": 1, \"deviceProperties\": [], \"baseTimeNanoseconds\": " + BASE
                        + ", \"traceEvents\": [\n" + String.join(",\n", events) + "\n]}\n");
    }

    private static String number(String key, long value) {
        return value == 0 ? "" : ", \"" + key + "\": " + value;
    }

    private static String event(String category, String name, int pid, int tid, long ts, long dur, String args) {
        return String.format(
                Locale.ROOT,
                "{\"ph\": \"X\", \"cat\": \"%s\", \"name\": \"%s\", \"pid\": %d, \"tid\": %d, \"ts\": %d.%03d, \"dur\":"
                        + " %d.%03d, \"args\": {%s}}",
                category,
                name,
                pid,
                tid,
                ts / 1000,
                ts % 1000,
                dur / 1000,
                dur % 1000,
                args.startsWith(", ") ? args.substring(2) : args);
    }
}
