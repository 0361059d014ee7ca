package dev.hourglass.core.cases;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A recording of a few events as PyTorch's profiler writes them, of one process and some GPUs. Times in microseconds.
final class SmallTrace {
    private final List<String> events = new ArrayList<>();
    private final String devices;
    private int id;

    SmallTrace(String gpu, int gpus) {
        devices = IntStream.range(0, gpus)
                .mapToObj(g -> "{\"id\": %d, \"name\": \"%s\", \"numSms\": 132}".formatted(g, gpu))
                .collect(Collectors.joining(", "));
    }

    void step(String name, int ts, int dur) {
        event("user_annotation", name, 100, 100, ts, dur, "");
    }

    /// A matrix product of square results: operator, launch, kernel.
    void product(String operator, String type, int size, int inner, int device, int ts, int dur) {
        int number = ++id;
        event(
                "cpu_op",
                operator,
                100,
                100,
                ts,
                8,
                "\"External id\": %d, \"Input Dims\": [[%d, %d], [%d, %d]], \"Input type\": [\"%s\", \"%s\"]"
                        .formatted(number, size, inner, inner, size, type, type));
        event(
                "cuda_runtime",
                "cudaLaunchKernel",
                100,
                100,
                ts + 1,
                4,
                "\"correlation\": %d, \"External id\": %d".formatted(1000 + number, number));
        event(
                "kernel",
                "some_kernel",
                device,
                7,
                ts + 6,
                dur,
                "\"device\": %d, \"stream\": 7, \"correlation\": %d, \"External id\": %d"
                        .formatted(device, 1000 + number, number));
    }

    /// Work of the host: an operator, or a function of Python.
    void host(String category, String name, int thread, int ts, int dur) {
        event(category, name, 100, thread, ts, dur, "\"External id\": " + ++id);
    }

    private void event(String category, String name, int pid, int tid, int ts, int dur, String args) {
        events.add(String.format(
                Locale.ROOT,
                "{\"ph\": \"X\", \"cat\": \"%s\", \"name\": \"%s\", \"pid\": %d, \"tid\": %d, \"ts\": %d, \"dur\": %d, \"args\": {%s}}",
                category,
                name,
                pid,
                tid,
                ts,
                dur,
                args));
    }

    String json() {
        return "{\"schemaVersion\": 1, \"deviceProperties\": [" + devices
                + "], \"baseTimeNanoseconds\": 1700000000000000000," + " \"traceEvents\": ["
                + String.join(",\n", events) + "]}";
    }
}
