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
public final class ModuleNames {
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

    public static final ModuleNames NONE = of(List.of());

    private final Set<String> names;
    private final Set<String> beginnings;
    private final int[] lengths;
    private final List<Pattern> whole;
    private final List<Pattern> expressions;
    private final List<String> roots;
    private final Map<String, List<String>> parts;
    private final Map<String, Boolean> known = new HashMap<>();

    /// @param written as the file has them, regular expressions after `re:`
    private ModuleNames(List<String> written) {
        names = new HashSet<>();
        beginnings = new HashSet<>();
        whole = new ArrayList<>();
        expressions = new ArrayList<>();
        for (String name : written) {
            int star = name.indexOf('*');
            if (name.startsWith("re:")) {
                expressions.add(expression(name.substring(3)));
            } else if (star > 0 && star == name.length() - 1) {
                beginnings.add(name.substring(0, star));
            } else if (star >= 0) {
                whole.add(Pattern.compile("(.*\\.)?" + Pattern.quote(name).replace("*", "\\E.*\\Q") + "(\\..*)?"));
            } else {
                names.add(name);
            }
        }
        lengths = beginnings.stream().mapToInt(String::length).distinct().toArray();
        String all = String.join("\n", written);
        roots = ROOTS.stream()
                .filter(root -> root.isEmpty() || all.contains(bare(root)))
                .toList();
        parts = new HashMap<>();
        PARTS.forEach((part, others) ->
                parts.put(part, others.stream().filter(all::contains).toList()));
    }

    private static String bare(String root) {
        return root.substring(0, root.length() - 1);
    }

    public static ModuleNames of(List<String> written) {
        return new ModuleNames(written);
    }

    /// Regular expressions alone, of which a part of the name must match.
    public static ModuleNames finding(List<String> expressions) {
        return new ModuleNames(expressions.stream().map(e -> "re:.*?" + e).toList());
    }

    public boolean isEmpty() {
        return names.isEmpty() && beginnings.isEmpty() && whole.isEmpty() && expressions.isEmpty();
    }

    /// Whether a weight's module is in the set; of experts the first stands for all.
    public boolean contains(String module, Weight weight) {
        String name = weight.group() == Group.ROUTED_EXPERTS ? module + ".0." + weight.name() : module;
        return contains(name);
    }

    public boolean contains(String module) {
        return !isEmpty() && known.computeIfAbsent(module, this::any);
    }

    private boolean any(String module) {
        return spellings(module).anyMatch(this::spelled);
    }

    private boolean spelled(String module) {
        return named(module)
                || begins(module)
                || whole.stream().anyMatch(p -> p.matcher(module).matches())
                || expressions.stream().anyMatch(p -> p.matcher(module).lookingAt());
    }

    /// The name with each beginning and each part as others call it.
    private Stream<String> spellings(String module) {
        String bare = module.startsWith("model.") ? module.substring("model.".length()) : module;
        List<String> bodies = new ArrayList<>(List.of(bare));
        parts.forEach((part, others) -> {
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
                bodies.stream().flatMap(body -> roots.stream().map(root -> root + body)));
    }

    private static String strip(String framed) {
        return framed.substring(1, framed.length() - 1);
    }

    /// Whether the name, from some dot on, begins as one in the set.
    private boolean begins(String module) {
        for (int from = 0; from >= 0; from = next(module, from)) {
            for (int length : lengths) {
                if (from + length <= module.length() && beginnings.contains(module.substring(from, from + length))) {
                    return true;
                }
            }
        }
        return false;
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
