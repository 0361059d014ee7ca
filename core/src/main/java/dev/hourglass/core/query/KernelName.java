package dev.hourglass.core.query;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What a kernel's name tells: a short form for people, what part of a model it is likely to be, and
/// whether kernels of its kind are limited by memory or by arithmetic.
///
/// Names are hints, not proof: whoever uses the last two says that they are inferred. The rules stand, with their
/// reasons, in `kernel-classes.txt` and `kernel-natures.txt`.
///
/// @param shortName without return type, arguments and template lists; of a wrapper what it wraps ([ShortName])
/// @param category one of [#categories()]
/// @param nature memory, compute or unknown
public record KernelName(String shortName, String category, String nature) {
    private static final String OTHER = "other";
    private static final String UNKNOWN = "unknown";
    /// What a table of natures answers where the size of the tile decides.
    private static final String TILE = "tile";
    /// Sides of a tile, in rows or columns of a product.
    private static final int SMALL_TILE = 32;

    private static final int LARGE_TILE = 128;
    private static final int LONGEST_SIDE = 3;

    private static final KernelRules CLASSES = new KernelRules("kernel-classes.txt", "");
    private static final Map<String, KernelRules> NATURES = CLASSES.answers().stream()
            .collect(Collectors.toMap(Function.identity(), c -> new KernelRules("kernel-natures.txt", c)));

    /// Reads a name as the driver gives it, mangled or not.
    public static KernelName of(String name) {
        return read(name, ShortName.of(name));
    }

    /// Reads the names of one session, so that no two have the same short name.
    ///
    /// @return for each name, in the order of the names
    static List<KernelName> of(List<String> names) {
        List<String> brief = ShortNames.of(names);
        List<KernelName> all = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            all.add(read(names.get(i), brief.get(i)));
        }
        return all;
    }

    /// Short names of which no two are the same, for kernels of several sessions side by side.
    ///
    /// @param names whole names, each once
    /// @return for each name, in the order of the names
    public static List<String> shortNames(List<String> names) {
        return ShortNames.of(names);
    }

    /// Every class that a kernel can have, in the order of the rules.
    public static List<String> categories() {
        List<String> all = new ArrayList<>(CLASSES.answers());
        all.add(OTHER);
        return all;
    }

    private static KernelName read(String name, String brief) {
        KernelRules.Name text = new KernelRules.Name(name);
        String category = CLASSES.answer(text).orElse(OTHER);
        String nature = Optional.ofNullable(NATURES.get(category))
                .flatMap(rules -> rules.answer(text))
                .orElse(UNKNOWN);
        return new KernelName(brief, category, nature.equals(TILE) ? byTile(name) : nature);
    }

    /// A matrix kernel with a tile of few rows serves few tokens and so waits for weights; one with
    /// large tiles is chosen for many.
    private static String byTile(String name) {
        int side = smallerSide(name).orElse(SMALL_TILE + 1);
        return side <= SMALL_TILE ? "memory" : side >= LARGE_TILE ? "compute" : UNKNOWN;
    }

    /// The smaller of the first two numbers of at most three digits with an x between them.
    private static OptionalInt smallerSide(String name) {
        int end = Math.min(name.length(), KernelRules.READ);
        for (int x = name.indexOf('x'); x >= 0 && x < end; x = name.indexOf('x', x + 1)) {
            int left = digits(name, x - 1, -1);
            int right = digits(name, x + 1, 1);
            if (left > 0 && right > 0 && left <= LONGEST_SIDE && right <= LONGEST_SIDE) {
                return OptionalInt.of(Math.min(
                        Integer.parseInt(name.substring(x - left, x)),
                        Integer.parseInt(name.substring(x + 1, x + 1 + right))));
            }
        }
        return OptionalInt.empty();
    }

    /// How many digits stand side by side from a place on, up to one more than is asked for.
    private static int digits(String name, int from, int step) {
        int count = 0;
        while (count <= LONGEST_SIDE && Names.isDigit(name, from + count * step)) {
            count++;
        }
        return count;
    }
}
