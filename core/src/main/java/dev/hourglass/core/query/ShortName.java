package dev.hourglass.core.query;

import dev.hourglass.core.query.KernelSymbol.Kind;
import dev.hourglass.core.query.KernelSymbol.Word;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The short form of a kernel's name, by the name alone.
///
/// A function that only starts another gives way to it and to the tile that its template list tells:
/// `cutlass::device_kernel<flash::FlashAttnFwdCombine<…>>` is `FlashAttnFwdCombine 16x64`. One that applies another to
/// each value is followed by it and by the first type that is told: `reduce_kernel sum_functor<BFloat16>`.
final class ShortName {
    /// Longer names are cut, in characters.
    static final int LONGEST = 96;

    /// They only start what they are given.
    private static final Set<String> STARTERS =
            Set.of("device_kernel", "Kernel", "Kernel2", "kentry", "_kernel_agent", "cutlass::device_kernel");
    /// They apply what they are given.
    private static final Set<String> APPLIERS = Set.of("reduce_kernel", "multi_tensor_apply_kernel");
    /// So do all whose name has this word.
    private static final String APPLIES = "elementwise";
    /// Between a wrapper and what is wrapped: they say nothing of what is computed.
    private static final Set<String> BETWEEN = Set.of(
            "gpu_kernel_impl",
            "gpu_kernel_impl_nocast",
            "gpu_index_kernel",
            "BinaryFunctor",
            "AUnaryFunctor",
            "BUnaryFunctor",
            "func_wrapper_t",
            "ReduceOp",
            "lambda",
            "operator",
            "const",
            "void",
            "instance",
            "detail",
            "native",
            "impl",
            "array",
            "_cuda_scatter_gather_internal_kernel",
            "TensorIteratorBase",
            "TensorIterator",
            "TensorListMetadata",
            "true",
            "false");
    /// An architecture for which a kernel is compiled, around the kernel.
    private static final String GUARD = "enable_";
    /// A product over groups, a part of the name of a product.
    private static final String GROUPED = "GroupProblemShape";
    /// The smallest side of a tile: what is smaller counts blocks in a cluster.
    private static final int SMALLEST_SIDE = 8;

    private static final int DIMENSIONS = 3;

    private ShortName() {}

    static String of(String name) {
        KernelSymbol symbol = KernelSymbol.of(name);
        if (STARTERS.contains(symbol.base())) {
            return cut(wrapped(symbol).map(inner -> inner + tile(symbol.list())).orElse(symbol.base()));
        }
        String own = symbol.base().substring(symbol.base().lastIndexOf(':') + 1);
        if (APPLIERS.contains(own) || own.contains(APPLIES)) {
            return cut(wrapped(symbol)
                    .map(inner -> symbol.base() + " " + inner + type(symbol.list()))
                    .orElse(symbol.base()));
        }
        return cut(symbol.base());
    }

    private static String cut(String text) {
        return Names.cut(text, LONGEST);
    }

    private static Optional<String> wrapped(KernelSymbol symbol) {
        return symbol.list().stream()
                .filter(word -> word.is(Kind.NAME))
                .map(Word::text)
                .filter(text -> !BETWEEN.contains(text) && !text.startsWith(GUARD) && !text.equals(GROUPED))
                .findFirst();
    }

    private static String type(List<Word> list) {
        for (int i = 0; i < list.size(); i++) {
            if (list.get(i).is(Kind.TYPE)) {
                boolean sized = list.get(i).text().equals("OpaqueType") && i + 1 < list.size();
                return "<" + list.get(i).text() + (sized ? " " + list.get(i + 1).text() : "") + ">";
            }
        }
        return "";
    }

    /// Whether there is a product for each group, and the first list of numbers that can be a tile.
    private static String tile(List<Word> list) {
        String grouped = list.stream().anyMatch(word -> word.text().equals(GROUPED)) ? " grouped" : "";
        for (int i = 0; i < list.size(); i++) {
            if (list.get(i).text().equals("tuple")) {
                List<String> sides = sides(list, i + 1);
                if (sides.size() >= 2) {
                    return grouped + " " + String.join("x", sides);
                }
            }
        }
        return grouped;
    }

    private static List<String> sides(List<Word> list, int from) {
        List<String> sides = new ArrayList<>();
        for (int i = from; i < list.size() && sides.size() < DIMENSIONS; i++) {
            Word word = list.get(i);
            if (word.is(Kind.NUMBER) && isSide(word.text())) {
                sides.add(word.text());
            } else if (!word.is(Kind.QUALIFIER) && !word.text().equals("C")) {
                return sides;
            }
        }
        return sides;
    }

    private static boolean isSide(String number) {
        return (number.length() > 1 && number.length() <= 3) || number.equals(String.valueOf(SMALLEST_SIDE));
    }
}
