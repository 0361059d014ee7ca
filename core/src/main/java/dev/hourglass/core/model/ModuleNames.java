package dev.hourglass.core.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/// A set of modules, as quantisers write it: dotted names that stand for themselves and what is
/// below them, with `*` for anything; `re:` begins a regular expression, of which a beginning must
/// match.
///
/// The same module has other names in other checkpoints; every spelling is tried.
final class ModuleNames {
    static final ModuleNames NONE = of(List.of());

    /// Beginnings of a text model's names.
    private static final List<String> ROOTS =
            List.of("model.", "model.language_model.", "language_model.model.", "language_model.", "backbone.", "");

    /// Parts of names, and what others call them.
    private static final Map<String, List<String>> PARTS = Map.of(
            "mlp", List.of("block_sparse_moe", "ffn", "feed_forward", "moe"),
            "feed_forward", List.of("mlp", "ffn"),
            "self_attn", List.of("attn", "attention"),
            "lm_head", List.of("head", "output", "language_model.lm_head"),
            "embed_tokens", List.of("embeddings", "embed", "wte"));

    private final Set<String> names;
    private final List<Pattern> whole;
    private final List<Pattern> beginning;
    private final Map<String, Boolean> known = new HashMap<>();

    private ModuleNames(Set<String> names, List<Pattern> whole, List<Pattern> beginning) {
        this.names = names;
        this.whole = whole;
        this.beginning = beginning;
    }

    static ModuleNames of(List<String> written) {
        Set<String> names = new HashSet<>();
        List<Pattern> whole = new ArrayList<>();
        List<Pattern> beginning = new ArrayList<>();
        for (String name : written) {
            if (name.startsWith("re:")) {
                beginning.add(expression(name.substring(3)));
            } else if (name.contains("*")) {
                whole.add(Pattern.compile("(.*\\.)?" + Pattern.quote(name).replace("*", "\\E.*\\Q") + "(\\..*)?"));
            } else {
                names.add(name);
            }
        }
        return new ModuleNames(names, whole, beginning);
    }

    /// Regular expressions alone, of which a part of the name must match.
    static ModuleNames finding(List<String> expressions) {
        return new ModuleNames(
                Set.of(),
                List.of(),
                expressions.stream().map(e -> expression(".*?" + e)).toList());
    }

    boolean isEmpty() {
        return names.isEmpty() && whole.isEmpty() && beginning.isEmpty();
    }

    /// Whether a weight's module is in the set; of experts the first stands for all.
    boolean contains(String module, Weight weight) {
        String name = weight.group() == Group.ROUTED_EXPERTS ? module + ".0." + weight.name() : module;
        return contains(name);
    }

    boolean contains(String module) {
        return !isEmpty() && known.computeIfAbsent(module, this::any);
    }

    private boolean any(String module) {
        return spellings(module).anyMatch(this::spelled);
    }

    private boolean spelled(String module) {
        return named(module)
                || whole.stream().anyMatch(p -> p.matcher(module).matches())
                || beginning.stream().anyMatch(p -> p.matcher(module).lookingAt());
    }

    /// The name with each beginning and each part as others call it.
    private static Stream<String> spellings(String module) {
        String bare = module.startsWith("model.") ? module.substring("model.".length()) : module;
        List<String> bodies = new ArrayList<>(List.of(bare));
        PARTS.forEach((part, others) -> {
            String inner = "." + part + ".";
            for (String body : List.copyOf(bodies)) {
                String framed = "." + body + ".";
                if (framed.contains(inner)) {
                    others.forEach(other -> bodies.add(strip(framed.replace(inner, "." + other + "."))));
                }
            }
        });
        return Stream.concat(
                Stream.of(module),
                bodies.stream().flatMap(body -> ROOTS.stream().map(root -> root + body)));
    }

    private static String strip(String framed) {
        return framed.substring(1, framed.length() - 1);
    }

    /// Whether any stretch of the dotted name is in the set.
    private boolean named(String module) {
        if (names.isEmpty()) {
            return false;
        }
        for (int from = 0; from >= 0; from = next(module, from)) {
            for (int to = module.indexOf('.', from); to >= 0; to = module.indexOf('.', to + 1)) {
                if (names.contains(module.substring(from, to))) {
                    return true;
                }
            }
            if (names.contains(module.substring(from))) {
                return true;
            }
        }
        return false;
    }

    private static int next(String module, int from) {
        int dot = module.indexOf('.', from);
        return dot < 0 ? -1 : dot + 1;
    }

    private static Pattern expression(String written) {
        try {
            return Pattern.compile(written);
        } catch (PatternSyntaxException e) {
            throw new ModelException("quantization_config: not a regular expression: " + written);
        }
    }
}
