package dev.hourglass.core.query;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What the name of a span of the host tells: a short form, and which part of an engine it is.
///
/// Functions of Python are called `file(line): function`, `<built-in method f of T object at 0x7f…>` or `nn.Module:
/// Class_3`; anything else is the name of an operator or an annotation. The rules stand, with their reasons, in
/// `host-layers.txt`. A name is a hint: where none tells, the layer is [#UNKNOWN], and that of the caller holds.
///
/// @param brief without addresses, and without the numbers that count modules
/// @param layer one of [#layers()]
public record HostFunction(String brief, String layer) {
    /// The layer of names that no rule knows.
    public static final String UNKNOWN = "unknown";

    private static final String BUILT_IN = "<built-in ";
    private static final String ADDRESS = " object at 0x";
    /// What stands behind the functions of a C++ library in place of a type.
    private static final String BINDING = " of pybind11_builtins.";

    private static final String MODULE = "nn.Module: ";
    private static final int LONGEST = 160;
    private static final HostRules RULES = HostRules.read("host-layers.txt");

    /// Reads a name as a profiler gives it.
    public static HostFunction of(String name) {
        String brief = Names.cut(brief(name), LONGEST);
        return new HostFunction(brief, RULES.layer(file(name), function(brief)).orElse(UNKNOWN));
    }

    /// Every layer, in the order of the rules.
    public static List<String> layers() {
        List<String> all = new ArrayList<>(RULES.layers());
        all.add(UNKNOWN);
        return all;
    }

    private static String brief(String name) {
        if (name.startsWith(BUILT_IN)) {
            int type = name.indexOf(BINDING);
            int end = type > 0 ? type : name.indexOf(ADDRESS);
            return end > 0 ? name.substring(0, end) + ">" : name;
        }
        return name.startsWith(MODULE) ? withoutNumber(name) : name;
    }

    private static String withoutNumber(String module) {
        int end = module.length();
        while (Names.isDigit(module, end - 1)) {
            end--;
        }
        return end < module.length() && module.charAt(end - 1) == '_' ? module.substring(0, end - 1) : module;
    }

    /// The file of a function of Python; empty for other names.
    private static String file(String name) {
        return split(name).map(at -> name.substring(0, at)).orElse("");
    }

    private static String function(String name) {
        return split(name)
                .map(at -> name.substring(name.indexOf("): ", at) + 3))
                .orElse(name);
    }

    /// Where the line's number begins in `file(line): function`.
    private static Optional<Integer> split(String name) {
        int close = name.indexOf("): ");
        int open = close < 0 ? -1 : name.lastIndexOf('(', close);
        boolean line = open > 0 && open + 1 < close;
        for (int i = open + 1; line && i < close; i++) {
            line = Names.isDigit(name, i);
        }
        return line ? Optional.of(open) : Optional.empty();
    }

    /// The words of a function's name, in lower case: what stands between underscores, and between humps.
    static Set<String> words(String function) {
        return HostRules.words(function);
    }
}
