package dev.hourglass.core.model.checkpoint;

import dev.hourglass.core.model.DType;
import dev.hourglass.core.model.Group;
import dev.hourglass.core.model.ModuleNames;
import dev.hourglass.core.model.Quantization;
import dev.hourglass.core.model.Quantization.Rule;
import dev.hourglass.core.model.WeightFormat;
import dev.hourglass.core.model.WeightFormat.Block;
import dev.hourglass.core.model.keys.Keys;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The format compressed-tensors: groups of modules, by class, name or regular expression, each with
/// its scheme.
final class CompressedTensors {
    /// Bits of the smallest floats.
    private static final int NIBBLE = 4;
    /// Weights that share a scale in the formats of the Open Compute Project.
    private static final int MICROSCALED = 32;

    private static final String GROUPS = "config_groups";
    private static final int SCALE = 16;
    private static final Pattern SIDES = Pattern.compile("([1-9]\\d{0,5})x([1-9]\\d{0,5})");

    private CompressedTensors() {}

    static Quantization of(Keys k) {
        Keys groups = k.child(GROUPS, Map.of());
        String common = k.text("format").orElse("");
        List<Rule> named = new ArrayList<>();
        List<Rule> classes = new ArrayList<>();
        for (String name : groups.names()) {
            Keys group = groups.child(name, Map.of());
            if (!group.isObject("weights")) {
                continue;
            }
            Optional<WeightFormat> format = format(group, common);
            if (format.isEmpty()) {
                return Quantization.unknown(
                        "compressed-tensors",
                        "the weights of its group " + name + " are in a format that is not known");
            }
            rules(group, format.get(), named, classes);
        }
        named.addAll(classes);
        Quantization read = Quantization.of("compressed-tensors", named, Quantizations.plain(k))
                .caching(cache(k));
        return named.isEmpty() && groups.names().isEmpty()
                ? Quantization.unknown("compressed-tensors", "it has no config_groups")
                : read;
    }

    /// Names go before classes.
    private static void rules(Keys group, WeightFormat format, List<Rule> named, List<Rule> classes) {
        List<String> targets = group.texts("targets");
        List<String> names = targets.stream()
                .filter(target -> target.startsWith("re:") || target.contains("."))
                .toList();
        if (!names.isEmpty()) {
            named.add(Rule.named(ModuleNames.of(names), format));
        }
        List<String> rest =
                targets.stream().filter(target -> !names.contains(target)).toList();
        if (targets.isEmpty() || rest.contains("Linear")) {
            classes.add(Rule.everywhere(linear(), format));
        } else if (!rest.isEmpty()) {
            named.add(Rule.named(ModuleNames.of(rest), format));
        }
        if (rest.contains("Embedding")) {
            classes.add(new Rule(Set.of(Group.EMBED), Optional.empty(), true, Optional.of(format)));
        }
    }

    /// Every linear layer, head and towers too; what stays plain is listed.
    private static Set<Group> linear() {
        Set<Group> all = EnumSet.copyOf(Quantizations.withVision());
        all.add(Group.LM_HEAD);
        return all;
    }

    private static Optional<WeightFormat> format(Keys group, String common) {
        Keys weights = group.child("weights", Map.of());
        String format = group.text("format").orElse(common);
        int bits = (int) weights.positive("num_bits", 0);
        boolean real = weights.text("type").orElse("int").equals("float");
        Optional<WeightFormat> micro = microscaled(format, weights);
        if (micro.isPresent()) {
            return micro;
        }
        if (real && bits == NIBBLE) {
            long size = weights.positive("group_size", 16);
            return Optional.of(
                    group.isObject("input_activations") ? WeightFormats.nvfp4(size) : WeightFormats.nvfp4Weights(size));
        }
        if (bits == 0 || format.contains("sparse-24") || format.equals("marlin-24")) {
            return Optional.empty();
        }
        boolean scaledInput =
                group.isObject("input_activations") && !dynamic(group.child("input_activations", Map.of()));
        return Optional.of(scheme(weights, (real ? "fp" : "int") + bits, bits).perMatrix(extra(format, scaledInput)));
    }

    /// Floats whose scales are powers of two, one for each 32 of them: by the format's name, or by its size of groups.
    private static Optional<WeightFormat> microscaled(String format, Keys weights) {
        boolean nibbles = weights.text("type").orElse("int").equals("float")
                && weights.positive("num_bits", 0) == NIBBLE
                && weights.positive("group_size", 16) == MICROSCALED;
        if (nibbles || format.startsWith("mxfp4")) {
            return Optional.of(WeightFormats.MXFP4);
        }
        return format.startsWith("mxfp8") ? Optional.of(WeightFormats.MXFP8) : Optional.empty();
    }

    private static boolean dynamic(Keys activations) {
        return activations.isText("dynamic") || activations.flag("dynamic");
    }

    /// A packed matrix keeps its shape beside it; a static input its scale.
    private static int extra(String format, boolean scaledInput) {
        return (format.startsWith("pack") ? 16 : 0) + (scaledInput ? SCALE / 8 : 0);
    }

    private static WeightFormat scheme(Keys weights, String name, int bits) {
        double group = weights.real("group_size", 0);
        String strategy = weights.text("strategy").orElse(group > 0 ? "group" : "");
        int zeros = weights.flag("symmetric", true) ? 0 : bits;
        boolean ordered = weights.isText("actorder")
                && weights.text("actorder").orElse("").equals("group");
        WeightFormat format = switch (strategy) {
            case "block" -> block(weights, name, bits);
            case "group", "tensor_group" ->
                WeightFormat.scaled(
                        name + " group " + (long) group,
                        name.startsWith("fp") ? name : "",
                        bits,
                        Block.group((long) group),
                        SCALE);
            case "tensor" -> WeightFormat.scaled(name + " per tensor", name, bits, Block.TENSOR, SCALE);
            default -> WeightFormat.scaled(name + " per row", name, bits, Block.ROW, SCALE);
        };
        return format.zeros(zeros).perColumn(ordered ? 4 : 0);
    }

    /// Blocks as an array, or as text: `128x128`.
    private static WeightFormat block(Keys weights, String name, int bits) {
        List<Long> sides =
                weights.isText("block_structure") ? sides(weights) : WeightFormats.blocks(weights, "block_structure");
        Block block = sides.size() == 2 ? new Block(sides.get(0), sides.get(1)) : new Block(128, 128);
        return WeightFormat.scaled(name + " " + block.rows() + "x" + block.columns(), name, bits, block, SCALE);
    }

    private static List<Long> sides(Keys weights) {
        Matcher sides = SIDES.matcher(weights.text("block_structure").orElse(""));
        if (!sides.matches()) {
            throw weights.wrong("block_structure", "rows x columns");
        }
        return List.of(Long.parseLong(sides.group(1)), Long.parseLong(sides.group(2)));
    }

    /// The format of keys and values under `kv_cache_scheme`.
    static Optional<DType> cache(Keys k) {
        if (!k.isObject("kv_cache_scheme")) {
            return Optional.empty();
        }
        Keys scheme = k.child("kv_cache_scheme", Map.of());
        boolean real = scheme.text("type").orElse("float").equals("float");
        return switch ((int) scheme.positive("num_bits", 8)) {
            case 8 -> Optional.of(real ? DType.F8_E4M3 : DType.I8);
            case 4 -> Optional.of(real ? DType.F4 : DType.I4);
            default -> Optional.empty();
        };
    }
}
