package dev.hourglass.core.engine;

import dev.hourglass.core.trace.Component;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The names of llama.cpp's compute graph: which node belongs to which layer and component.
///
/// Most nodes carry a name with the layer as suffix (`ffn_moe_logits-3`); views of them carry a note
/// in parentheses. Nodes without a name (`node_42`) are placed by the weights that they read, then
/// by their operator, then by where they stand in the graph. The same rules serve all
/// architectures: inside a layer everything up to `ffn_inp` is attention (or what stands in for it)
/// and everything after it is feed-forward, unless its name says otherwise.
public final class LlamaCpp {
    private static final Set<String> NO_WORK = Set.of("NONE", "VIEW", "RESHAPE", "PERMUTE", "TRANSPOSE");
    private static final Set<String> ATTENTION_OPERATORS = Set.of(
            "FLASH_ATTN_EXT",
            "ROPE",
            "SET_ROWS",
            "SSM_CONV",
            "SSM_SCAN",
            "RWKV_WKV6",
            "RWKV_WKV7",
            "GATED_LINEAR_ATTN",
            "GATED_DELTA_NET");
    private static final Pattern UNNAMED = Pattern.compile("|node_\\d++|leaf_\\d++");
    private static final Pattern WEIGHT = Pattern.compile("blk\\.(\\d+)\\.(.*)");
    private static final Pattern ROUTING =
            Pattern.compile("ffn_moe_(logits|probs|argsort|topk|weights|group|gate_inp|selected).*|exp_probs.*");
    private static final Pattern PROJECTED = Pattern.compile("[QKVqkv](cur|_).*|kv?q.*|KQ.*|kv_.*");

    /// A node of the compute graph.
    ///
    /// @param name as the engine gives it
    /// @param operator for example `MUL_MAT_ID`
    /// @param sources names of its inputs
    public record Node(String name, String operator, List<String> sources) {
        public Node {
            sources = List.copyOf(sources);
        }
    }

    /// Where a node belongs.
    ///
    /// @param layer from 0; empty outside the layers
    /// @param name without the layer and without notes
    public record Place(OptionalInt layer, Component component, String name) {}

    private final List<Node> graph;
    private final List<Place> places = new ArrayList<>();
    private OptionalInt layer = OptionalInt.empty();
    private Component here = Component.EMBEDDING;

    private LlamaCpp(List<Node> graph) {
        this.graph = graph;
    }

    /// Whether an operator computes anything: the others only look at memory in another way.
    public static boolean computes(String operator) {
        return !NO_WORK.contains(operator);
    }

    /// The place of each node of a graph, in its order.
    public static List<Place> places(List<Node> graph) {
        LlamaCpp walk = new LlamaCpp(graph);
        for (int i = 0; i < graph.size(); i++) {
            walk.places.add(walk.place(i));
        }
        return walk.places;
    }

    private Place place(int index) {
        Node node = graph.get(index);
        Name name = Name.of(node.name());
        move(node, name);
        Component component =
                name.base().equals("norm") ? consumer(index) : known(node, name).orElse(here);
        remember(name, component);
        return new Place(layer, component, name.base().isEmpty() ? node.operator() : name.base());
    }

    /// A bare norm belongs to what is made of it: a query's norm to attention.
    private Component consumer(int index) {
        for (int i = index + 1; i < Math.min(graph.size(), index + 4); i++) {
            Node next = graph.get(i);
            if (next.sources().contains(graph.get(index).name())) {
                return known(next, Name.of(next.name())).orElse(Component.NORM);
            }
        }
        return Component.NORM;
    }

    private void move(Node node, Name name) {
        OptionalInt weights = weightLayer(node);
        OptionalInt next = name.layer().isPresent() ? name.layer() : weights;
        boolean outside = next.isEmpty() && !name.unnamed();
        if (outside) {
            layer = OptionalInt.empty();
        } else if (next.isPresent() && !next.equals(layer)) {
            layer = next;
            here = Component.ATTENTION;
        }
    }

    private void remember(Name name, Component component) {
        if (layer.isEmpty()) {
            here = component == Component.NORM ? Component.LM_HEAD : component;
        } else if (name.base().equals("ffn_inp") || component == Component.T_CPU_COMPUTATION) {
            here = Component.T_CPU_COMPUTATION;
        } else if (component == Component.T_ROUTING) {
            here = Component.T_ROUTING;
        } else if (name.base().equals("attn_norm")) {
            here = Component.ATTENTION;
        }
    }

    private Optional<Component> known(Node node, Name name) {
        return byName(name.base()).or(() -> byWeights(node)).or(() -> byOperator(node.operator()));
    }

    private static Optional<Component> byName(String base) {
        if (ROUTING.matcher(base).matches()) {
            return Optional.of(Component.T_ROUTING);
        }
        if (base.equals("ffn_inp") || PROJECTED.matcher(base).matches()) {
            return Optional.of(Component.ATTENTION);
        }
        if (base.endsWith("_norm")) {
            return Optional.of(Component.NORM);
        }
        if (base.startsWith("ffn_") || base.startsWith("l_out") || base.contains("shexp")) {
            return Optional.of(Component.T_CPU_COMPUTATION);
        }
        if (base.startsWith("result_output")) {
            return Optional.of(Component.LM_HEAD);
        }
        if (base.startsWith("inp_") || base.startsWith("embd")) {
            return Optional.of(Component.EMBEDDING);
        }
        return base.startsWith("attn") ? Optional.of(Component.ATTENTION) : Optional.empty();
    }

    private static Optional<Component> byWeights(Node node) {
        for (String source : node.sources()) {
            Matcher weight = WEIGHT.matcher(source);
            if (weight.matches()) {
                return Optional.of(ofLayerWeight(weight.group(2)));
            }
            if (source.startsWith("token_embd.") && node.operator().equals("GET_ROWS")) {
                return Optional.of(Component.EMBEDDING);
            }
            if (source.startsWith("output_norm.")) {
                return Optional.of(Component.NORM);
            }
            if (source.startsWith("output.") || source.startsWith("token_embd.")) {
                return Optional.of(Component.LM_HEAD);
            }
        }
        return Optional.empty();
    }

    private static Component ofLayerWeight(String weight) {
        if (weight.startsWith("ffn_gate_inp.") || weight.startsWith("exp_probs")) {
            return Component.T_ROUTING;
        }
        if (weight.startsWith("attn_norm") || weight.contains("ffn_norm") || weight.startsWith("post_")) {
            return Component.NORM;
        }
        return weight.startsWith("ffn_") ? Component.T_CPU_COMPUTATION : Component.ATTENTION;
    }

    private static Optional<Component> byOperator(String operator) {
        if (operator.equals("MUL_MAT_ID")) {
            return Optional.of(Component.T_CPU_COMPUTATION);
        }
        return ATTENTION_OPERATORS.contains(operator) ? Optional.of(Component.ATTENTION) : Optional.empty();
    }

    private static OptionalInt weightLayer(Node node) {
        for (String source : node.sources()) {
            Matcher weight = WEIGHT.matcher(source);
            if (weight.matches()) {
                return number(weight.group(1));
            }
        }
        return OptionalInt.empty();
    }

    private static OptionalInt number(String digits) {
        return digits.length() > 6 ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(digits));
    }

    private record Name(String base, OptionalInt layer, boolean unnamed) {
        static Name of(String name) {
            int note = name.indexOf(" (");
            String text = note < 0 ? name : name.substring(0, note);
            int digits = text.length();
            while (digits > 0 && text.charAt(digits - 1) >= '0' && text.charAt(digits - 1) <= '9') {
                digits--;
            }
            int suffix = digits == text.length()
                    ? 0
                    : text.startsWith("-", digits - 1) ? 1 : text.startsWith("_l", digits - 2) ? 2 : 0;
            String base = suffix == 0 ? text : text.substring(0, digits - suffix);
            return UNNAMED.matcher(base).matches()
                    ? new Name("", OptionalInt.empty(), true)
                    : new Name(base, suffix == 0 ? OptionalInt.empty() : number(text.substring(digits)), false);
        }
    }
}
