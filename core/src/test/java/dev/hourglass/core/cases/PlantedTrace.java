package dev.hourglass.core.cases;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A recording with spans where a test puts them, as the PyTorch profiler writes it. Times are in microseconds.
final class PlantedTrace {
    private final List<String> events = new ArrayList<>();
    private String head = "";
    private String label = "";
    private int process = 100;
    private int correlation = 1000;
    private int external = 1;

    /// Which rank of how many it is.
    PlantedTrace rank(int rank, int of) {
        head = "\"distributedInfo\": {\"backend\": \"nccl\", \"rank\": " + rank + ", \"world_size\": " + of + "}, ";
        process = 400 + rank;
        return this;
    }

    /// The machine that the recording says it is of.
    PlantedTrace machine(String name) {
        head += "\"host name\": \"" + name + "\", ";
        return this;
    }

    /// What follows is of a process with a label before its number, as tools write it that merge traces.
    PlantedTrace labelled(String before) {
        label = before;
        return this;
    }

    /// An annotation, an operator or a function.
    PlantedTrace host(String category, String name, double ts, double dur) {
        return span(category, name, process, process, ts, dur, "\"External id\": " + external++);
    }

    PlantedTrace step(String name, double ts, double dur) {
        return host("user_annotation", name, ts, dur);
    }

    /// A call that waits for the GPU.
    PlantedTrace sync(String name, double ts, double dur) {
        return span("cuda_runtime", name, process, process, ts, dur, "\"correlation\": " + ++correlation);
    }

    /// A call and the kernel that it launches.
    PlantedTrace kernel(String name, int stream, double called, double ts, double dur) {
        return kernel(name, 0, stream, called, ts, dur);
    }

    PlantedTrace kernel(String name, int device, int stream, double called, double ts, double dur) {
        sync("cudaLaunchKernel", called, 4);
        return span(
                "kernel",
                name,
                device,
                stream,
                ts,
                dur,
                "\"device\": " + device + ", \"stream\": " + stream + ", \"correlation\": " + correlation);
    }

    /// One call that replays several kernels, each after the other.
    PlantedTrace replay(String name, double called, double ts, double dur, int nodes) {
        sync("cudaGraphLaunch", called, 15);
        for (int k = 0; k < nodes; k++) {
            span(
                    "kernel",
                    name,
                    0,
                    7,
                    ts + k * dur / nodes,
                    dur / nodes,
                    "\"device\": 0, \"stream\": 7, \"correlation\": " + correlation);
        }
        return this;
    }

    private PlantedTrace span(
            String category, String name, int process, int thread, double ts, double dur, String args) {
        events.add(String.format(
                Locale.ROOT,
                "{\"ph\": \"X\", \"cat\": \"%s\", \"name\": \"%s\", \"pid\": %s, \"tid\": %d, \"ts\": %.3f, \"dur\": %.3f,"
                        + " \"args\": {%s}}",
                category,
                name,
                label.isEmpty() ? Integer.toString(process) : "\"" + label + process + "\"",
                thread,
                ts,
                dur,
                args));
        return this;
    }

    Path write(Path file) throws IOException {
        return Files.writeString(
                file,
                "{\"schemaVersion\": 1, " + head
                        + "\"deviceProperties\": [{\"id\": 0, \"name\": \"NVIDIA H100 80GB HBM3\"}],"
                        + " \"baseTimeNanoseconds\": 1700000000000000000, \"traceEvents\": [\n"
                        + String.join(",\n", events) + "]}");
    }
}
