package dev.hourglass.core;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/// Writes a PyTorch-profiler trace of decode steps on a host thread and one or two GPUs, with parts of
/// known length: what an analysis finds can be held against what was planted.
///
/// The host runs one operator after the other, each with one launch; a stream runs its work in order.
/// Times are in nanoseconds. Events stand in the file in an order drawn from the seed, as recorders do
/// not sort them.
final class SyntheticTrace {
    private static final long BASE = 1_700_000_000_000_000_000L;
    private static final long FLIGHT = 2_000;

    private final List<String> events = new ArrayList<>();
    private final Map<Integer, Long> streamEnd = new HashMap<>();
    private final long seed;
    private long now = 1_000_000;
    private long correlation = 1;
    private boolean operators = true;
    private String kernelName = "elementwise_kernel";

    SyntheticTrace(long seed) {
        this.seed = seed;
    }

    /// Operators are not recorded, as by a profiler that only knows the runtime.
    SyntheticTrace withoutOperators() {
        operators = false;
        return this;
    }

    /// Name of the kernels, in JSON.
    SyntheticTrace named(String name) {
        kernelName = name;
        return this;
    }

    /// The host runs code that is neither operator nor call.
    SyntheticTrace other(long ns) {
        now += ns;
        return this;
    }

    /// A step, annotated.
    void step(String name, Runnable body) {
        long begin = now;
        now += 1_000;
        body.run();
        now += 1_000;
        event("user_annotation", name, 1, 1, begin, now - begin, "");
    }

    /// An operator that launches one kernel.
    SyntheticTrace kernel(int device, int stream, long operatorNs, long kernelNs) {
        long call = operatorNs / 2;
        long begin = now;
        long launch = begin + operatorNs / 4;
        if (operators) {
            event("cpu_op", "aten::mul", 1, 1, begin, operatorNs, "");
        }
        event("cuda_runtime", "cudaLaunchKernel", 1, 1, launch, call, "\"correlation\": " + correlation);
        now = begin + operatorNs;
        work("kernel", kernelName, device, stream, launch + call + FLIGHT, kernelNs, "");
        return this;
    }

    /// A graph launch whose nodes run without a gap.
    SyntheticTrace graph(int device, int stream, long callNs, int nodes, long nodeNs) {
        event("cuda_runtime", "cudaGraphLaunch", 1, 1, now, callNs, "\"correlation\": " + correlation);
        long start = Math.max(now + callNs / 2, streamEnd.getOrDefault(key(device, stream), 0L));
        now += callNs;
        for (int i = 0; i < nodes; i++) {
            device("kernel", "vectorized_elementwise_kernel", device, stream, start, nodeNs, "");
            start += nodeNs;
        }
        streamEnd.put(key(device, stream), start);
        correlation++;
        return this;
    }

    /// A copy from the host that returns at once (pinned) or when it is done (pageable).
    SyntheticTrace copy(int stream, boolean pinned, long bytes, long ns) {
        long begin = now;
        long start = Math.max(begin + 5_000 + FLIGHT, streamEnd.getOrDefault(key(0, stream), 0L));
        long call = pinned ? 5_000 : start + ns + 3_000 - begin;
        event("cuda_runtime", "cudaMemcpyAsync", 1, 1, begin, call, "\"correlation\": " + correlation);
        now = begin + call;
        String kind = "Memcpy HtoD (" + (pinned ? "Pinned" : "Pageable") + " -> Device)";
        work("gpu_memcpy", kind, 0, stream, start, ns, ", \"bytes\": " + bytes);
        return this;
    }

    /// The host waits until a stream is empty, and a little longer.
    SyntheticTrace sync(int device, int stream) {
        long begin = now;
        now = Math.max(now, streamEnd.getOrDefault(key(device, stream), 0L)) + 4_000;
        event("cuda_runtime", "cudaStreamSynchronize", 1, 1, begin, now - begin, "\"correlation\": " + correlation++);
        return this;
    }

    private void work(String category, String name, int device, int stream, long earliest, long ns, String more) {
        long start = Math.max(earliest, streamEnd.getOrDefault(key(device, stream), 0L));
        device(category, name, device, stream, start, ns, more);
        streamEnd.put(key(device, stream), start + ns);
        correlation++;
    }

    private void device(String category, String name, int device, int stream, long start, long ns, String more) {
        event(
                category,
                name,
                device,
                stream,
                start,
                ns,
                "\"device\": " + device + ", \"context\": 1, \"stream\": " + stream + ", \"correlation\": "
                        + correlation + more);
    }

    private static int key(int device, int stream) {
        return device * 1000 + stream;
    }

    private void event(String category, String name, int pid, int tid, long ts, long dur, String args) {
        events.add(String.format(
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
                args));
    }

    Path write(Path file) throws IOException {
        Collections.shuffle(events, new Random(seed));
        return Files.writeString(
                file,
                "{\"schemaVersion\": 1, \"deviceProperties\": [], \"baseTimeNanoseconds\": " + BASE
                        + ", \"traceEvents\": [\n" + String.join(",\n", events) + "\n]}\n");
    }
}
