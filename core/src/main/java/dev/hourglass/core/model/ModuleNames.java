package dev.hourglass.core.model;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// A set of modules, as quantisers write it: dotted names that stand for themselves and what is
/// below them, with `*` for anything; `re:` begins a regular expression.
record ModuleNames(Set<String> names, List<Pattern> patterns) {

    static ModuleNames of(List<String> written) {
        Set<String> names = new HashSet<>();
        List<Pattern> patterns = new ArrayList<>();
        for (String name : written) {
            if (name.startsWith("re:")) {
                patterns.add(expression(name));
            } else if (name.contains("*")) {
                patterns.add(Pattern.compile("(.*\\.)?" + Pattern.quote(name).replace("*", "\\E.*\\Q") + "(\\..*)?"));
            } else {
                names.add(name);
            }
        }
        return new ModuleNames(names, patterns);
    }

    boolean contains(String module) {
        return named(module)
                || patterns.stream().anyMatch(p -> p.matcher(module).matches());
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

    private static Pattern expression(String name) {
        try {
            return Pattern.compile(name.substring(3));
        } catch (PatternSyntaxException e) {
            throw new ModelException("quantization_config: not a regular expression: " + name);
        }
    }
}
