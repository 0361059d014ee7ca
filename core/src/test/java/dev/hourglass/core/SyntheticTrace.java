package dev.hourglass.core;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Makes a recording of decode steps on a host thread and some GPUs, with parts of known length: what an
/// analysis finds can be held against what was planted. It is written as the PyTorch profiler or Nsight
/// Systems would.
///
/// The host runs one operator after the other, each with one launch; a stream runs its work in order.
/// Times are in nanoseconds.
final class SyntheticTrace {
    /// A span of a host thread.
    ///
    /// @param args further arguments in JSON, each after a comma; empty for none
    record Host(
            int process,
            int thread,
            String category,
            String name,
            long ts,
            long dur,
            long correlation,
            long external,
            String args) {}

    /// Work of a GPU.
    ///
    /// @param category kernel, gpu_memcpy or cuda_graph for a replay that is recorded as a whole
    /// @param node whether it is a node of a graph replay
    /// @param bytes bytes copied; 0 for kernels
    record Work(
            int process,
            String category,
            String name,
            int device,
            int stream,
            long ts,
            long dur,
            long correlation,
            long external,
            boolean node,
            long bytes) {}

    private static final long FLIGHT = 2_000;

    private final List<Host> hosts;
    private final List<Work> works;
    private final Map<Integer, Long> streamEnd = new HashMap<>();
    private final long seed;
    private final int process;
    private int thread = 1;
    private int annotator;
    private String launchCategory = "cuda_runtime";
    private String launchName = "LaunchKernel";
    private long now = 1_000_000;
    private long correlation = 1;
    private long external = 1;
    private boolean operators = true;
    private String operatorName = "aten::mul";
    private String operatorArgs = "";
    private String kernelName = "elementwise_kernel";
    private List<String> nodeNames = List.of("vectorized_elementwise_kernel");
    private String prefix = "cuda";

    SyntheticTrace(long seed) {
        this(seed, 1, new ArrayList<>(), new ArrayList<>());
    }

    private SyntheticTrace(long seed, int process, List<Host> hosts, List<Work> works) {
        this.seed = seed;
        this.process = process;
        this.hosts = hosts;
        this.works = works;
    }

    /// Another process in the same recording, with a clock and streams of its own.
    SyntheticTrace beside(int other) {
        SyntheticTrace trace = new SyntheticTrace(seed, other, hosts, works);
        trace.correlation = other * 10_000_000L;
        trace.external = other * 10_000_000L;
        trace.operators = operators;
        trace.prefix = prefix;
        return trace;
    }

    /// Operators are not recorded, as by a profiler that only knows the runtime.
    SyntheticTrace withoutOperators() {
        operators = false;
        return this;
    }

    boolean hasOperators() {
        return operators;
    }

    /// The runtime's functions begin with this, for example hip.
    SyntheticTrace runtime(String name) {
        prefix = name;
        return this;
    }

    /// Name of the kernels, in JSON.
    SyntheticTrace named(String name) {
        kernelName = name;
        return this;
    }

    /// Names of the nodes of graphs, in turn.
    SyntheticTrace nodes(List<String> names) {
        nodeNames = names;
        return this;
    }

    /// The operators that follow.
    ///
    /// @param args further arguments in JSON, each after a comma; empty for none
    SyntheticTrace operator(String name, String args) {
        operatorName = name;
        operatorArgs = args;
        return this;
    }

    /// The host thread of what follows.
    SyntheticTrace on(int otherThread) {
        thread = otherThread;
        return this;
    }

    /// The annotations stand on another thread than the calls.
    SyntheticTrace annotatedOn(int otherThread) {
        annotator = otherThread;
        return this;
    }

    /// Kernels are launched through the driver, as Triton's are.
    SyntheticTrace throughDriver() {
        launchCategory = "cuda_driver";
        launchName = "cuLaunchKernelEx";
        return this;
    }

    /// The host's clock.
    long now() {
        return now;
    }

    /// When a stream has done all its work.
    long end(int device, int stream) {
        return streamEnd.getOrDefault(key(device, stream), 0L);
    }

    /// The host runs code that is neither operator nor call.
    SyntheticTrace other(long ns) {
        now += ns;
        return this;
    }

    /// The host runs a Python function that calls nothing.
    SyntheticTrace python(String name, long ns) {
        host("python_function", name, now, ns, 0, 0, "");
        now += ns;
        return this;
    }

    /// A step, annotated.
    void step(String name, Runnable body) {
        long begin = now;
        now += 1_000;
        body.run();
        now += 1_000;
        annotation(name, begin);
    }

    private void annotation(String name, long since) {
        int at = annotator == 0 ? thread : annotator;
        hosts.add(new Host(process, at, "user_annotation", name, since, now - since, 0, 0, ""));
    }

    /// An operator that launches one kernel.
    SyntheticTrace kernel(int device, int stream, long operatorNs, long kernelNs) {
        long call = operatorNs / 2;
        long begin = now;
        long launch = begin + operatorNs / 4;
        long number = operators ? external++ : 0;
        if (operators) {
            host("cpu_op", operatorName, begin, operatorNs, 0, number, operatorArgs);
        }
        String function = launchCategory.equals("cuda_driver") ? launchName : prefix + launchName;
        host(launchCategory, function, launch, call, correlation, number, "");
        now = begin + operatorNs;
        run("kernel", kernelName, device, stream, launch + call + FLIGHT, kernelNs, number, 0);
        return this;
    }

    /// A graph launch whose nodes run without a gap.
    SyntheticTrace graph(int device, int stream, long callNs, int nodes, long nodeNs) {
        long start = graphCall(device, stream, callNs);
        for (int i = 0; i < nodes; i++) {
            works.add(new Work(
                    process,
                    "kernel",
                    nodeNames.get(i % nodeNames.size()),
                    device,
                    stream,
                    start,
                    nodeNs,
                    correlation,
                    0,
                    true,
                    0));
            start += nodeNs;
        }
        streamEnd.put(key(device, stream), start);
        correlation++;
        return this;
    }

    /// A graph launch with as many nodes on each of several streams, which begin together.
    ///
    /// @param nodeNs length of a node on each stream
    SyntheticTrace forkedGraph(int device, int firstStream, long callNs, int nodes, long... nodeNs) {
        long start = graphCall(device, firstStream, callNs);
        long last = start;
        for (int s = 0; s < nodeNs.length; s++) {
            long at = start;
            for (int i = 0; i < nodes; i++) {
                works.add(new Work(
                        process,
                        "kernel",
                        nodeNames.get(i % nodeNames.size()),
                        device,
                        firstStream + s,
                        at,
                        nodeNs[s],
                        correlation,
                        0,
                        true,
                        0));
                at += nodeNs[s];
            }
            last = Math.max(last, at);
        }
        streamEnd.put(key(device, firstStream), last);
        correlation++;
        return this;
    }

    /// A graph launch that is recorded as a whole.
    SyntheticTrace wholeGraph(int device, int stream, long callNs, long ns) {
        long start = graphCall(device, stream, callNs);
        works.add(new Work(process, "cuda_graph", "graph", device, stream, start, ns, correlation, 0, false, 0));
        streamEnd.put(key(device, stream), start + ns);
        correlation++;
        return this;
    }

    private long graphCall(int device, int stream, long callNs) {
        host("cuda_runtime", prefix + "GraphLaunch", now, callNs, correlation, 0, "");
        long start = Math.max(now + callNs / 2, end(device, stream));
        now += callNs;
        return start;
    }

    /// A copy from the host that returns at once (pinned) or when it is done (pageable).
    SyntheticTrace copy(int stream, boolean pinned, long bytes, long ns) {
        return copy(0, stream, "HtoD", pinned, bytes, ns);
    }

    /// A copy that returns at once (pinned) or when it is done (pageable).
    ///
    /// @param direction HtoD or DtoH
    SyntheticTrace copy(int device, int stream, String direction, boolean pinned, long bytes, long ns) {
        long begin = now;
        long start = Math.max(begin + 5_000 + FLIGHT, end(device, stream));
        long call = pinned ? 5_000 : start + ns + 3_000 - begin;
        host("cuda_runtime", prefix + "MemcpyAsync", begin, call, correlation, 0, "");
        now = begin + call;
        String memory = pinned ? "Pinned" : "Pageable";
        String kind = direction.equals("HtoD") ? memory + " -> Device" : "Device -> " + memory;
        run("gpu_memcpy", "Memcpy " + direction + " (" + kind + ")", device, stream, start, ns, 0, bytes);
        return this;
    }

    /// A value is read from the GPU: a copy of four bytes, then a wait, inside two operators.
    SyntheticTrace item(int device, int stream, long overheadNs) {
        long begin = now;
        now += overheadNs / 2;
        copy(device, stream, "DtoH", false, 4, 1_300);
        sync(device, stream, "StreamSynchronize");
        now += overheadNs / 2;
        if (operators) {
            host("cpu_op", "aten::item", begin, now - begin, 0, external++, "");
            host("cpu_op", "aten::_local_scalar_dense", begin + 200, now - begin - 400, 0, external++, "");
        }
        return this;
    }

    /// The host waits until a stream is empty, and a little longer.
    SyntheticTrace sync(int device, int stream) {
        return sync(device, stream, "StreamSynchronize");
    }

    SyntheticTrace sync(int device, int stream, String call) {
        long begin = now;
        now = Math.max(now, end(device, stream)) + 4_000;
        host("cuda_runtime", prefix + call, begin, now - begin, correlation++, 0, "");
        return this;
    }

    /// A call that returns at a given time.
    SyntheticTrace syncUntil(String call, long ns) {
        long begin = now;
        now = Math.max(now, ns) + 4_000;
        host("cuda_runtime", prefix + call, begin, now - begin, correlation++, 0, "");
        return this;
    }

    /// Annotates what the host has done since a moment.
    SyntheticTrace annotate(String name, long since) {
        annotation(name, since);
        return this;
    }

    /// A stream waits for what another has been given.
    SyntheticTrace streamWaits(int device, int stream, int other) {
        host("cuda_runtime", prefix + "EventRecord", now, 800, correlation++, 0, "");
        host("cuda_runtime", prefix + "StreamWaitEvent", now + 900, 700, correlation++, 0, "");
        now += 1_700;
        streamEnd.merge(key(device, stream), end(device, other), Math::max);
        return this;
    }

    /// A stream cannot begin before, as a collective waits for the other ranks.
    SyntheticTrace notBefore(int device, int stream, long ts) {
        streamEnd.merge(key(device, stream), ts, Math::max);
        return this;
    }

    /// A kernel of a given name that ends at a given time, as a collective ends on all ranks at once.
    SyntheticTrace collective(int device, int stream, long operatorNs, String name, long until) {
        String kept = kernelName;
        kernelName = name;
        long start = Math.max(now + operatorNs / 4 + operatorNs / 2 + FLIGHT, end(device, stream));
        kernel(device, stream, operatorNs, until - start);
        kernelName = kept;
        return this;
    }

    private void run(
            String category, String name, int device, int stream, long earliest, long ns, long number, long bytes) {
        long start = Math.max(earliest, end(device, stream));
        works.add(new Work(process, category, name, device, stream, start, ns, correlation, number, false, bytes));
        streamEnd.put(key(device, stream), start + ns);
        correlation++;
    }

    private void host(String category, String name, long ts, long dur, long number, long operator, String args) {
        hosts.add(new Host(process, thread, category, name, ts, dur, number, operator, args));
    }

    private static int key(int device, int stream) {
        return device * 1000 + stream;
    }

    /// As the PyTorch profiler writes it, the events in an order drawn from the seed, as recorders do
    /// not sort them.
    Path write(Path file) throws IOException {
        return SyntheticKineto.write(hosts, works, true, seed, file);
    }

    /// As the PyTorch profiler writes it where device work does not tell which call issued it.
    Path writeUnlinked(Path file) throws IOException {
        return SyntheticKineto.write(hosts, works, false, seed, file);
    }

    /// As Nsight Systems exports it.
    Path writeNsys(Path file) {
        return SyntheticNsys.write(hosts, works, file);
    }
}
