package dev.hourglass.core.model.checkpoint;

import dev.hourglass.core.model.Group;
import dev.hourglass.core.model.ModuleNames;
import dev.hourglass.core.model.Quantization;
import dev.hourglass.core.model.Quantization.Rule;
import dev.hourglass.core.model.WeightFormat;
import dev.hourglass.core.model.WeightFormat.Block;
import dev.hourglass.core.model.keys.Keys;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Quantisations of other tools: MLX, bitsandbytes, auto-round, Quark, torchao, HQQ.
final class OtherQuantizations {
    private static final String GROUP = "group_size";
    private static final String BITS = "bits";
    private static final int TWO_HALVES = 32;

    /// Bits from which on a module that is listed is not quantised.
    private static final int PLAIN_BITS = 16;

    private OtherQuantizations() {}

    /// MLX quantises tables and the head too; single modules may have their own bits, or none.
    static Quantization mlx(Keys k) {
        List<Rule> rules = new ArrayList<>();
        List<String> plain = new ArrayList<>();
        for (String name : k.names()) {
            if (k.isObject(name)) {
                Keys own = k.child(name, Map.of());
                rules.add(Rule.named(ModuleNames.of(List.of(name)), mlx(own, k)));
            } else if (k.isFalse(name)) {
                plain.add(name);
            }
        }
        rules.add(new Rule(everything(), Optional.empty(), true, Optional.of(mlx(k, k))));
        return Quantization.of("mlx", rules, ModuleNames.of(plain));
    }

    private static Set<Group> everything() {
        return Set.of(Group.values());
    }

    private static WeightFormat mlx(Keys own, Keys common) {
        int bits = (int) own.positive(BITS, common.positive(BITS, 4));
        long group = own.positive(GROUP, common.positive(GROUP, 64));
        String mode = own.text("mode").or(() -> common.text("mode")).orElse("affine");
        return switch (mode) {
            case "mxfp4" -> WeightFormats.MXFP4;
            case "mxfp8" -> WeightFormats.MXFP8;
            case "nvfp4" -> WeightFormat.scaled("nvfp4", "", 4, Block.group(16), 8);
            default ->
                WeightFormat.scaled("mlx " + bits + " bit, group " + group, "", bits, Block.group(group), TWO_HALVES);
        };
    }

    /// Four bits with a scale per 64, itself in eight bits where quantised twice; or eight bits with a
    /// scale per row. The head stays plain unless modules are listed.
    static Quantization bitsandbytes(Keys k) {
        boolean four = k.flag("load_in_4bit") || k.flag("_load_in_4bit");
        if (!four && !k.flag("load_in_8bit") && !k.flag("_load_in_8bit")) {
            return Quantization.unknown("bitsandbytes", "it loads in neither 4 nor 8 bits");
        }
        String type = k.text("bnb_4bit_quant_type").orElse("fp4");
        WeightFormat format = four
                ? four(type, k.flag("bnb_4bit_use_double_quant"))
                : WeightFormat.scaled("int8 per row", "int8", 8, Block.ROW, 32).perMatrix(1);
        return Quantization.of("bitsandbytes", format, Quantizations.plain(k));
    }

    /// Beside each matrix: the 16 values, how it was quantised, and of double quantisation the 256
    /// values and 32 bits per 256 scales.
    private static WeightFormat four(String type, boolean twice) {
        WeightFormat format =
                WeightFormat.scaled(type + (twice ? " twice" : ""), "", 4, Block.group(64), twice ? 8 : 32);
        return format.perMatrix(64 + 90 + (twice ? 1024 : 0));
    }

    static Quantization autoRound(Keys k) {
        int bits = (int) k.positive(BITS, 4);
        long group = Quantizations.group(k);
        List<Rule> rules = new ArrayList<>();
        List<String> plain = new ArrayList<>();
        if (k.isObject("extra_config")) {
            Keys extra = k.child("extra_config", Map.of());
            for (String name : extra.names()) {
                Keys own = extra.child(name, Map.of());
                int ownBits = (int) own.positive(BITS, bits);
                if (ownBits >= PLAIN_BITS) {
                    plain.add(name);
                } else {
                    rules.add(Rule.named(
                            ModuleNames.of(List.of(name)), autoRound(k, ownBits, Quantizations.group(own, group))));
                }
            }
        }
        rules.add(Rule.everywhere(Quantization.LINEAR, autoRound(k, bits, group)));
        return Quantization.of("auto-round", rules, ModuleNames.of(plain));
    }

    private static WeightFormat autoRound(Keys k, int bits, long group) {
        String type = k.text("data_type").orElse("int");
        if (type.contains("nv_fp")) {
            return WeightFormats.nvfp4(group == 0 ? 16 : group);
        }
        if (type.startsWith("mx_fp")) {
            return bits == 8 ? WeightFormats.MXFP8 : WeightFormats.MXFP4;
        }
        return WeightFormats.grouped("auto-round", bits, group).zeros(bits);
    }

    /// AMD Quark: one scheme for all, others by name.
    static Quantization quark(Keys k) {
        Keys global = k.child("global_quant_config", Map.of());
        Optional<WeightFormat> common = quarkFormat(global);
        if (common.isEmpty()) {
            return Quantization.unknown("quark", "the weights are in a format that is not known");
        }
        List<Rule> rules = new ArrayList<>();
        if (k.isObject("layer_quant_config")) {
            Keys layers = k.child("layer_quant_config", Map.of());
            for (String name : layers.names()) {
                Optional<WeightFormat> own = quarkFormat(layers.child(name, Map.of()));
                own.ifPresent(format -> rules.add(Rule.named(ModuleNames.of(List.of(name)), format)));
            }
        }
        rules.add(Rule.everywhere(Quantization.LINEAR, common.get()));
        return Quantization.of("quark", rules, Quantizations.plain(k));
    }

    private static Optional<WeightFormat> quarkFormat(Keys config) {
        if (!config.isObject("weight")) {
            return Optional.empty();
        }
        Keys weight = config.child("weight", Map.of());
        String type = weight.text("dtype").orElse("").toLowerCase(Locale.ROOT);
        int bits = type.contains("4") && !type.contains("e4m3") ? 4 : 8;
        boolean whole = type.startsWith("int") || type.startsWith("uint");
        return whole || type.startsWith("fp") || type.startsWith("mx")
                ? Optional.of(quarkScheme(weight, (whole ? "int" : "fp") + bits, bits))
                : Optional.empty();
    }

    private static WeightFormat quarkScheme(Keys weight, String name, int bits) {
        boolean power = weight.text("scale_format").orElse("").equals("e8m0");
        long group = weight.positive(GROUP, 32);
        return switch (weight.text("qscheme").orElse("per_tensor")) {
            case "per_group" ->
                power && bits == 4
                        ? WeightFormats.MXFP4
                        : WeightFormat.scaled(name + " group " + group, "", bits, Block.group(group), power ? 8 : 16);
            case "per_channel" -> WeightFormat.scaled(name + " per row", name, bits, Block.ROW, 32);
            default ->
                WeightFormat.scaled(name + " per tensor", name, bits, Block.TENSOR, 32)
                        .perMatrix(4);
        };
    }

    static Quantization torchao(Keys k) {
        Keys type = k.isObject("quant_type") ? k.child("quant_type", Map.of()) : k;
        Keys chosen = type.isObject("default") ? type.child("default", Map.of()) : type;
        String name = chosen.text("_type").or(() -> k.text("quant_type")).orElse("");
        Keys data = chosen.isObject("_data") ? chosen.child("_data", Map.of()) : k;
        return torchaoFormat(name, data)
                .map(format -> Quantization.of("torchao", format, Quantizations.plain(k)))
                .orElseGet(() -> Quantization.unknown(
                        "torchao", "the quant_type " + (name.isEmpty() ? "is missing" : name + " is not known")));
    }

    private static Optional<WeightFormat> torchaoFormat(String name, Keys data) {
        return switch (name.toLowerCase(Locale.ROOT).replace("_", "")) {
            case "int4weightonlyconfig", "int4weightonly" ->
                Optional.of(WeightFormat.scaled(
                        "int4 group " + data.positive(GROUP, 128),
                        "",
                        4,
                        Block.group(data.positive(GROUP, 128)),
                        TWO_HALVES));
            case "int8weightonlyconfig", "int8weightonly" -> Optional.of(WeightFormats.intPerRow(8));
            case "int8dynamicactivationint8weightconfig", "int8dynamicactivationint8weight" ->
                Optional.of(WeightFormat.scaled("int8 per row", "int8", 8, Block.ROW, 32));
            case "float8weightonlyconfig", "float8dynamicactivationfloat8weightconfig", "float8weightonly" ->
                Optional.of(WeightFormats.fp8PerRow());
            default -> Optional.empty();
        };
    }

    static Quantization hqq(Keys k) {
        Keys outer = k.isObject("quant_config") ? k.child("quant_config", Map.of()) : k;
        Keys weights = outer.isObject("weight_quant_params") ? outer.child("weight_quant_params", Map.of()) : outer;
        if (!weights.has("nbits")) {
            return Quantization.unknown("hqq", "it has other settings for each module");
        }
        int bits = (int) weights.positive("nbits");
        long group = weights.positive(GROUP, 64);
        return Quantization.of(
                "hqq",
                WeightFormat.scaled("hqq " + bits + " bit, group " + group, "", bits, Block.group(group), TWO_HALVES),
                Quantizations.plain(k));
    }
}
