package dev.hourglass.device.llama;

import dev.hourglass.core.engine.LlamaCpp;
import dev.hourglass.core.trace.Component;
import dev.hourglass.device.ffi.llama.GraphNode;
import dev.hourglass.device.ffi.llama.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.LongPredicate;
import java.util.regex.Pattern;

/// Which runs of a graph's nodes each device computes, and where the router's choice can be read. Learnt from the
/// graph of a step, and good until another graph is built.
final class SplitPlan {
    static final SplitPlan NONE = new SplitPlan(new long[0], new long[0], List.of(), List.of());

    /// A node of which the time is noted, by what it is to its split.
    static final byte FIRST = 1;

    static final byte LAST = 2;

    /// What the scheduler calls a copy of a tensor that it made for the CPU before it asks about the nodes that
    /// read it.
    private static final Pattern COPY = Pattern.compile("CPU#.*#\\d+");

    private static final String CPU = "CPU";
    private static final int IDS = 2;

    /// A run of nodes.
    ///
    /// @param from index of its first node
    /// @param to index behind its last
    /// @param backend `CPU`, `CUDA0`
    /// @param layer where all that computes in it is of one, or of its last node
    /// @param component of what computes in it; of a run on the CPU with several, its computation
    record Split(
            int from,
            int to,
            String backend,
            OptionalInt layer,
            Component component,
            String name,
            String kind,
            long weightBytes,
            long flops) {
        boolean onCpu() {
            return backend.equals(CPU);
        }
    }

    /// A node at whose asking the chosen experts lie in the CPU's memory.
    record Capture(int layer, int node, long ids, int slots) {}

    private final long[] nodes;
    private final long[] fingerprints;
    private final List<Split> splits;
    private final List<Capture> captures;
    private final byte[] marks;
    private final int[] splitOf;
    private final int[] captureAt;

    private SplitPlan(long[] nodes, long[] fingerprints, List<Split> splits, List<Capture> captures) {
        this.nodes = nodes;
        this.fingerprints = fingerprints;
        this.splits = List.copyOf(splits);
        this.captures = List.copyOf(captures);
        this.marks = new byte[nodes.length];
        this.splitOf = new int[nodes.length];
        this.captureAt = new int[nodes.length];
        for (int s = 0; s < splits.size(); s++) {
            Split split = splits.get(s);
            marks[split.from()] |= FIRST;
            marks[split.to() - 1] |= LAST;
            Arrays.fill(splitOf, split.from(), split.to(), s);
        }
        Arrays.fill(captureAt, -1);
        for (int c = 0; c < captures.size(); c++) {
            captureAt[captures.get(c).node()] = c;
        }
    }

    List<Split> splits() {
        return splits;
    }

    List<Capture> captures() {
        return captures;
    }

    /// What is noted of a node; 0 for nothing.
    byte mark(int node) {
        return node < marks.length ? marks[node] : 0;
    }

    boolean isAt(int index, long node) {
        return index < nodes.length && nodes[index] == node;
    }

    int splitOf(int node) {
        return splitOf[node];
    }

    /// Index of the capture at a node, or -1.
    int captureAt(int node) {
        return node < captureAt.length ? captureAt[node] : -1;
    }

    /// Whether these are the nodes that it was made for.
    boolean fits(long[] asked, int count, Tensors tensors) {
        if (count != nodes.length || count == 0) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            if (asked[i] != nodes[i] || tensors.fingerprint(asked[i]) != fingerprints[i]) {
                return false;
            }
        }
        return true;
    }

    /// @param graph in the order in which the scheduler asks
    /// @param backends who computes each
    /// @param readable whether a tensor's data lies in the CPU's memory
    static SplitPlan of(
            List<GraphNode> graph,
            List<String> backends,
            Tensors tensors,
            WeightCosts weights,
            LongPredicate readable) {
        List<LlamaCpp.Place> places = LlamaCpp.places(graph.stream()
                .map(n -> new LlamaCpp.Node(
                        n.name(),
                        n.operator(),
                        n.sources().stream().map(GraphNode.Source::name).toList()))
                .toList());
        long[] nodes = graph.stream().mapToLong(GraphNode::address).toArray();
        List<Split> splits = new ArrayList<>();
        for (int from = 0; from < graph.size(); ) {
            int to = from + 1;
            while (to < graph.size() && backends.get(to).equals(backends.get(from))) {
                to++;
            }
            splits.add(split(graph, places, from, to, backends.get(from), weights));
            from = to;
        }
        return new SplitPlan(
                nodes,
                Arrays.stream(nodes).map(tensors::fingerprint).toArray(),
                splits,
                captures(graph, places, backends, readable));
    }

    private static Split split(
            List<GraphNode> graph, List<LlamaCpp.Place> places, int from, int to, String backend, WeightCosts weights) {
        int last = to - 1;
        while (last > from && !LlamaCpp.computes(graph.get(last).operator())) {
            last--;
        }
        long bytes = 0;
        long flops = 0;
        boolean one = true;
        Component component = places.get(last).component();
        for (int i = from; i < to; i++) {
            GraphNode node = graph.get(i);
            bytes += weights.bytes(node);
            flops += weights.flops(node);
            one &= !LlamaCpp.computes(node.operator()) || places.get(i).component() == component;
        }
        Component part =
                backend.equals(CPU) ? one ? component : Component.T_CPU_COMPUTATION : Component.T_GPU_COMPUTATION;
        return new Split(
                from,
                to,
                backend,
                places.get(last).layer(),
                part,
                places.get(last).name(),
                graph.get(last).operator(),
                bytes,
                flops);
    }

    /// Of each layer the first product with experts that the CPU computes from a copy of the router's choice.
    private static List<Capture> captures(
            List<GraphNode> graph, List<LlamaCpp.Place> places, List<String> backends, LongPredicate readable) {
        List<Capture> captures = new ArrayList<>();
        int done = -1;
        for (int i = 0; i < graph.size(); i++) {
            GraphNode node = graph.get(i);
            int layer = places.get(i).layer().orElse(-1);
            if (layer == done
                    || !node.operator().equals("MUL_MAT_ID")
                    || node.sources().size() <= IDS
                    || !backends.get(i).equals(CPU)) {
                continue;
            }
            GraphNode.Source ids = node.sources().get(IDS);
            if (COPY.matcher(ids.name()).matches() && readable.test(ids.address())) {
                captures.add(new Capture(
                        layer, i, ids.address(), Math.toIntExact(ids.shape().getFirst())));
                done = layer;
            }
        }
        return captures;
    }
}
