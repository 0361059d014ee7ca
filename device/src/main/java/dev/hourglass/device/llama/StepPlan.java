package dev.hourglass.device.llama;

import dev.hourglass.core.engine.LlamaCpp;
import dev.hourglass.core.trace.Component;
import dev.hourglass.device.ffi.llama.GraphNode;
import dev.hourglass.device.ffi.llama.NodeObserver;
import dev.hourglass.device.ffi.llama.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/// Where the engine stops in a decode step, what each piece between two stops is, and where the
/// router's choice is read.
///
/// Learnt from the graph of a step that ran without stops. A graph stays the same for many steps; a
/// fingerprint of every node tells when it does not.
final class StepPlan {
    static final StepPlan NONE = new StepPlan(new long[0], new long[0], new int[0], List.of(), List.of(), 0);

    /// A piece of a step: one node with what the engine does in one go with it, or a run of nodes of
    /// one component of one layer with the norm before it.
    ///
    /// @param name of its last node that computes
    /// @param kind operator of that node
    /// @param nodes graph nodes in the piece
    record Piece(
            OptionalInt layer,
            Component component,
            String name,
            String kind,
            int nodes,
            long weightBytes,
            long flops) {}

    /// A place where the router's choice can be read.
    ///
    /// @param stop index of the node after which it is read
    /// @param ids address of the tensor with the chosen experts
    /// @param weights address of the tensor with their factors
    record Capture(int layer, int stop, long ids, long weights) {}

    private final long[] nodes;
    private final long[] fingerprints;
    private final int[] stopIndices;
    private final List<Piece> pieces;
    private final List<Capture> captures;
    private final int slots;
    private final boolean[] stopsAt;
    private final int[] captureAt;

    private StepPlan(
            long[] nodes,
            long[] fingerprints,
            int[] stopIndices,
            List<Piece> pieces,
            List<Capture> captures,
            int slots) {
        this.nodes = nodes;
        this.fingerprints = fingerprints;
        this.stopIndices = stopIndices;
        this.pieces = List.copyOf(pieces);
        this.captures = List.copyOf(captures);
        this.slots = slots;
        this.stopsAt = new boolean[nodes.length];
        this.captureAt = new int[nodes.length];
        Arrays.stream(stopIndices).forEach(i -> stopsAt[i] = true);
        Arrays.fill(captureAt, -1);
        for (int c = 0; c < captures.size(); c++) {
            captureAt[captures.get(c).stop()] = c;
        }
    }

    List<Piece> pieces() {
        return pieces;
    }

    int captures() {
        return captures.size();
    }

    Capture capture(int index) {
        return captures.get(index);
    }

    /// Experts per token.
    int slots() {
        return slots;
    }

    boolean stopsAt(int node) {
        return node < stopsAt.length && stopsAt[node];
    }

    /// Index of the capture that is due after a node, or -1.
    int captureAt(int node) {
        return node < captureAt.length ? captureAt[node] : -1;
    }

    long ids(int capture) {
        return captures.get(capture).ids();
    }

    long weights(int capture) {
        return captures.get(capture).weights();
    }

    int[] stopIndices() {
        return stopIndices;
    }

    /// Whether a graph is the one that this plan was made for.
    boolean fits(long[] addresses, int count, Tensors tensors) {
        if (count != nodes.length || count == 0) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            if (addresses[i] != nodes[i] || tensors.fingerprint(addresses[i]) != fingerprints[i]) {
                return false;
            }
        }
        return true;
    }

    /// Asks an observer about every node, in order, and tells it where it wanted to stop that the node is computed.
    void retrace(NodeObserver observer) {
        for (long node : nodes) {
            if (observer.wanted(node)) {
                observer.computed(node);
            }
        }
    }

    /// Whether a step that ran under this plan was stopped and read as the other plan asks.
    boolean stopsLike(StepPlan other) {
        return Arrays.equals(stopIndices, other.stopIndices) && captures.equals(other.captures);
    }

    /// Makes plans for one model.
    ///
    /// @param granularity how fine the pieces are
    /// @param weights what is known of the model's weights
    record Maker(Granularity granularity, WeightCosts weights) {

        StepPlan plan(List<GraphNode> graph, Tensors tensors) {
            List<LlamaCpp.Place> places = LlamaCpp.places(graph.stream()
                    .map(n -> new LlamaCpp.Node(
                            n.name(),
                            n.operator(),
                            n.sources().stream().map(GraphNode.Source::name).toList()))
                    .toList());
            List<Integer> stops = stops(graph, places);
            List<Piece> pieces = new ArrayList<>();
            int from = 0;
            for (int stop : stops) {
                pieces.add(piece(graph, places, from, stop));
                from = stop + 1;
            }
            long[] addresses = graph.stream().mapToLong(GraphNode::address).toArray();
            List<Capture> captures = captures(graph, places, stops);
            return new StepPlan(
                    addresses,
                    Arrays.stream(addresses).map(tensors::fingerprint).toArray(),
                    stops.stream().mapToInt(Integer::intValue).toArray(),
                    pieces,
                    captures,
                    captures.isEmpty() ? 0 : slots(graph, captures.getFirst()));
        }

        /// A stop comes after the last node that computes before the place changes, or, at node
        /// granularity, after every node that computes; never between two that the engine fuses, and
        /// always before a layer's first expert product, where the router's choice is read.
        private List<Integer> stops(List<GraphNode> graph, List<LlamaCpp.Place> places) {
            List<Integer> work = new ArrayList<>();
            for (int i = 0; i < graph.size(); i++) {
                if (LlamaCpp.computes(graph.get(i).operator())) {
                    work.add(i);
                }
            }
            Set<Integer> products = new HashSet<>(products(graph, places).values());
            List<Integer> stops = new ArrayList<>();
            for (int w = 0; w + 1 < work.size(); w++) {
                int here = work.get(w);
                int next = work.get(w + 1);
                boolean ends = ends(places.get(here), places.get(next)) || products.contains(next);
                if (ends && !fused(graph.get(here), graph.get(next))) {
                    stops.add(here);
                }
            }
            if (!graph.isEmpty()) {
                stops.add(graph.size() - 1);
            }
            return stops;
        }

        /// A norm runs on into the part of its layer that it feeds: it is so short that a stop behind it
        /// would cost as much as the norm.
        private boolean ends(LlamaCpp.Place here, LlamaCpp.Place next) {
            if (granularity == Granularity.NODE || !here.layer().equals(next.layer())) {
                return true;
            }
            return here.component() != Component.NORM && here.component() != next.component();
        }

        /// The first expert product of each layer.
        private static Map<Integer, Integer> products(List<GraphNode> graph, List<LlamaCpp.Place> places) {
            Map<Integer, Integer> first = new TreeMap<>();
            for (int i = 0; i < graph.size(); i++) {
                GraphNode node = graph.get(i);
                OptionalInt layer = places.get(i).layer();
                if (node.operator().equals("MUL_MAT_ID")
                        && layer.isPresent()
                        && node.sources().size() > 2) {
                    first.putIfAbsent(layer.getAsInt(), i);
                }
            }
            return first;
        }

        /// The engine computes a norm and the product with its weights in one pass.
        private static boolean fused(GraphNode node, GraphNode next) {
            return node.operator().equals("RMS_NORM")
                    && next.operator().equals("MUL")
                    && next.sources().stream().anyMatch(s -> s.address() == node.address());
        }

        private Piece piece(List<GraphNode> graph, List<LlamaCpp.Place> places, int from, int stop) {
            int last = stop;
            while (last > from && !LlamaCpp.computes(graph.get(last).operator())) {
                last--;
            }
            long bytes = 0;
            long flops = 0;
            for (GraphNode node : graph.subList(from, stop + 1)) {
                bytes += weights.bytes(node);
                flops += weights.flops(node);
            }
            LlamaCpp.Place place = places.get(last);
            return new Piece(
                    place.layer(),
                    place.component(),
                    place.name(),
                    graph.get(last).operator(),
                    stop + 1 - from,
                    bytes,
                    flops);
        }

        /// The choice of a layer is read at the last stop before its first expert product: by then
        /// both the chosen experts and their factors are computed, and neither is overwritten.
        private static List<Capture> captures(List<GraphNode> graph, List<LlamaCpp.Place> places, List<Integer> stops) {
            List<Capture> captures = new ArrayList<>();
            products(graph, places).forEach((layer, product) -> {
                int stop = stops.stream()
                        .filter(s -> s < product)
                        .reduce((_, s) -> s)
                        .orElse(-1);
                OptionalInt factors = factors(places, layer, product);
                if (factors.isPresent() && stop >= 0) {
                    captures.add(new Capture(
                            layer,
                            stop,
                            graph.get(product).sources().get(2).address(),
                            graph.get(factors.getAsInt()).address()));
                }
            });
            return captures;
        }

        /// The factors are the last that the router makes of its weights: as they are, normalised,
        /// or scaled.
        private static OptionalInt factors(List<LlamaCpp.Place> places, int layer, int product) {
            OptionalInt found = OptionalInt.empty();
            for (int i = 0; i < product; i++) {
                LlamaCpp.Place place = places.get(i);
                String name = place.name();
                boolean factors = name.startsWith("ffn_moe_weights") && !name.startsWith("ffn_moe_weights_sum");
                if (factors && place.layer().equals(OptionalInt.of(layer))) {
                    found = OptionalInt.of(i);
                }
            }
            return found;
        }

        private static int slots(List<GraphNode> graph, Capture capture) {
            return graph.stream()
                    .flatMap(n -> n.sources().stream())
                    .filter(s -> s.address() == capture.ids())
                    .mapToInt(s -> Math.toIntExact(s.shape().getFirst()))
                    .findFirst()
                    .orElse(0);
        }
    }
}
