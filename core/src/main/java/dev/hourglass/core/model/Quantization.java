package dev.hourglass.core.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What a configuration declares about quantised weights: the format, and the modules that stay
/// plain.
///
/// @param method as declared: `fp8`, `gptq`
/// @param groups whose matrices are quantised
/// @param plain modules that are not
record Quantization(String method, WeightFormat format, Set<Group> groups, ModuleNames plain) {
    private static final Set<Group> LINEAR = Set.of(
            Group.ATTN,
            Group.CROSS_ATTN,
            Group.MLP,
            Group.ROUTED_EXPERTS,
            Group.SHARED_EXPERTS,
            Group.LINEAR_ATTN,
            Group.SSM);
    private static final long DEFAULT_GROUP = 128;
    private static final WeightFormat MXFP4 = new WeightFormat("mxfp4", "fp4", 4, 1, 32, 8, 0, 0, 0);
    /// Two 32-bit scales per matrix: of the weight and of its input.
    private static final WeightFormat NVFP4 = new WeightFormat("nvfp4", "fp4", 4, 1, 16, 8, 0, 0, 8);

    /// Whether this weight of the module is stored in the format.
    boolean covers(String module, Weight weight) {
        return weight.kind() == Weight.Kind.MATRIX && groups.contains(weight.group()) && !plain.contains(module);
    }

    /// Reads `quantization_config`; empty where nothing is declared.
    ///
    /// @throws ModelException if a method is declared that is not known: its bytes would be a guess
    static Optional<Quantization> of(Keys config) {
        if (!config.has("quantization_config")) {
            return Optional.empty();
        }
        Keys k = config.child("quantization_config", Map.of());
        Optional<String> method = k.text("quant_method").or(() -> k.text("quant_algo"));
        if (method.isEmpty()) {
            return Optional.empty();
        }
        String name = method.get().toLowerCase(Locale.ROOT);
        WeightFormat format = format(name, k);
        Set<Group> groups = name.equals("mxfp4") ? Set.of(Group.ROUTED_EXPERTS) : LINEAR;
        return Optional.of(new Quantization(name, format, groups, plainModules(k)));
    }

    private static WeightFormat format(String method, Keys k) {
        return switch (method) {
            case "fp8", "fbgemm_fp8" -> fp8(k);
            case "gptq" -> grouped(method, k, true);
            case "awq" -> grouped(method, k, false);
            case "mxfp4" -> MXFP4;
            case "nvfp4" -> NVFP4;
            case "modelopt" -> modelopt(k);
            case "compressed-tensors" -> compressed(k);
            default ->
                throw k.wrong("quant_method", "one of fp8, gptq, awq, mxfp4, nvfp4, modelopt, compressed-tensors");
        };
    }

    private static WeightFormat fp8(Keys k) {
        k.text("fmt");
        k.text("activation_scheme");
        List<Long> block = k.counts("weight_block_size");
        if (block.isEmpty()) {
            return new WeightFormat("fp8 per tensor", "fp8", 8, 0, 0, 32, 0, 0, 0);
        }
        if (block.size() != 2 || block.contains(0L)) {
            throw k.wrong("weight_block_size", "two whole numbers above 0");
        }
        return new WeightFormat(
                "fp8 " + block.get(0) + "x" + block.get(1), "fp8", 8, block.get(0), block.get(1), 32, 0, 0, 0);
    }

    /// Packed integers with a 16-bit scale and a packed zero point per group of input features.
    private static WeightFormat grouped(String method, Keys k, boolean permuted) {
        int bits = (int) k.optional("bits").orElseGet(() -> k.positive("w_bit", 4));
        long group = groupSize(k);
        k.flag("sym");
        k.flag("zero_point");
        k.flag("desc_act");
        k.text("version");
        k.text("checkpoint_format");
        return new WeightFormat(
                method + " " + bits + " bit, group " + group, "", bits, 1, group, 16, bits, permuted ? 4 : 0, 0);
    }

    private static long groupSize(Keys k) {
        return k.positive("group_size", k.positive("q_group_size", DEFAULT_GROUP));
    }

    private static WeightFormat modelopt(Keys k) {
        String algorithm = k.text("quant_algo").orElse("");
        k.text("kv_cache_quant_algo");
        return switch (algorithm.toUpperCase(Locale.ROOT)) {
            case "NVFP4" -> NVFP4;
            case "FP8" -> new WeightFormat("fp8 per tensor", "fp8", 8, 0, 0, 32, 0, 0, 0);
            default -> throw k.wrong("quant_algo", "NVFP4 or FP8");
        };
    }

    /// The weights' entry of the first group of a compressed-tensors declaration.
    private static WeightFormat compressed(Keys k) {
        k.text("format");
        k.text("quantization_status");
        k.real("global_compression_ratio", 1);
        Keys weights =
                k.child("config_groups", Map.of()).child("group_0", Map.of()).child("weights", Map.of());
        int bits = (int) weights.positive("num_bits");
        String type = weights.text("type").orElse("int");
        long group = weights.positive("group_size", 0);
        if (type.equals("float") && bits == 4) {
            return NVFP4;
        }
        String label = (type.equals("float") ? "fp" : "int") + bits;
        return group == 0
                ? new WeightFormat(label + " per row", label, bits, 1, 0, 16, 0, 0, 0)
                : new WeightFormat(label + " group " + group, "", bits, 1, group, 16, 0, 0, 0);
    }

    private static ModuleNames plainModules(Keys k) {
        List<String> names = new ArrayList<>();
        for (String key : List.of("modules_to_not_convert", "ignored_layers", "ignore", "exclude_modules")) {
            names.addAll(k.texts(key));
        }
        return ModuleNames.of(names);
    }
}
