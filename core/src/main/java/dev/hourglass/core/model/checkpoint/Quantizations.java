package dev.hourglass.core.model.checkpoint;

import dev.hourglass.core.model.Group;
import dev.hourglass.core.model.ModuleNames;
import dev.hourglass.core.model.Quantization;
import dev.hourglass.core.model.Quantization.Rule;
import dev.hourglass.core.model.WeightFormat;
import dev.hourglass.core.model.family.Wrapped;
import dev.hourglass.core.model.keys.Keys;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Finds and reads what a checkpoint declares about quantised weights, by method.
///
/// A method that is not known is no error: the bytes of the weights are then not known, and
/// everything else is computed.
final class Quantizations {
    private static final String CONFIG = "quantization_config";
    private static final long DEFAULT_GROUP = 128;

    private Quantizations() {}

    /// What a configuration declares, under whichever key; empty where nothing is declared.
    static Optional<Quantization> of(Keys config) {
        boolean four = config.text("expert_dtype").orElse("").equals("fp4");
        return place(config)
                .flatMap(k ->
                        read(k).map(q -> (four ? q.withExperts(WeightFormats.MXFP4) : q).caching(ModelOpt.cache(k))));
    }

    /// What NVIDIA's tools write beside a configuration.
    static Optional<Quantization> beside(Keys file) {
        Keys k = file.isObject("quantization") ? file.child("quantization", Map.of()) : file;
        k.settle();
        return Optional.of(ModelOpt.of(k));
    }

    /// The object that declares it: beside the sizes, or inside the text model.
    private static Optional<Keys> place(Keys config) {
        for (String key : List.of(CONFIG, "compression_config", "quantization")) {
            if (config.isObject(key)) {
                return Optional.of(config.child(key, Map.of()));
            }
        }
        return Wrapped.nest(config)
                .map(config::opened)
                .filter(text -> text.isObject(CONFIG))
                .map(text -> text.child(CONFIG, Map.of()));
    }

    private static Optional<Quantization> read(Keys k) {
        k.settle();
        Optional<String> method = k.text("quant_method");
        if (method.isEmpty() && k.text("quant_algo").isPresent()) {
            return Optional.of(ModelOpt.of(k));
        }
        if (method.isPresent()) {
            return Optional.of(read(method.get().toLowerCase(Locale.ROOT), k));
        }
        if (k.isObject("config_groups")) {
            return Optional.of(CompressedTensors.of(k));
        }
        return k.has("bits") ? Optional.of(OtherQuantizations.mlx(k)) : Optional.empty();
    }

    private static Quantization read(String method, Keys k) {
        return switch (method) {
            case "fp8", "fbgemm_fp8", "finegrained_fp8" -> fp8(method, k);
            case "gptq", "gptqmodel" -> gptq(k);
            case "awq" -> awq(k);
            case "mxfp4" -> experts(method, WeightFormats.MXFP4, k);
            case "modelopt", "modelopt_fp4", "nvfp4", "fp8_pb_wo", "mixed_precision", "mxfp8" -> ModelOpt.of(k);
            case "compressed-tensors", "compressed_tensors" -> CompressedTensors.of(k);
            case "bitsandbytes" -> OtherQuantizations.bitsandbytes(k);
            case "auto-round", "autoround", "intel/auto-round" -> OtherQuantizations.autoRound(k);
            case "quark" -> OtherQuantizations.quark(k);
            case "torchao" -> OtherQuantizations.torchao(k);
            case "hqq" -> OtherQuantizations.hqq(k);
            case "eetq" -> Quantization.of(method, WeightFormats.intPerRow(8), plain(k));
            default -> Quantization.unknown(method, "the method " + method + " is not known");
        };
    }

    /// Blocks, rows or whole tensors of eight-bit floats; DeepSeek-V4 keeps its experts in four bits.
    private static Quantization fp8(String method, Keys k) {
        if (k.isObject("quantized_layers")) {
            return ModelOpt.of(k);
        }
        List<Long> block = WeightFormats.blocks(k, "weight_block_size");
        WeightFormat format = !block.isEmpty()
                ? WeightFormats.fp8Blocks(block.get(0), block.get(1))
                : method.equals("fbgemm_fp8")
                        ? WeightFormats.fp8PerRow()
                        : WeightFormats.fp8PerTensor(
                                k.text("activation_scheme").orElse("").equals("static"));
        List<Rule> rules = new ArrayList<>();
        if (k.text("expert_dtype").orElse("").equals("fp4")) {
            rules.add(Rule.everywhere(Set.of(Group.ROUTED_EXPERTS), WeightFormats.MXFP4));
        }
        rules.add(Rule.everywhere(withVision(), format));
        return Quantization.of(method, rules, plain(k));
    }

    static Set<Group> withVision() {
        return Set.of(
                Group.ATTN,
                Group.CROSS_ATTN,
                Group.MLP,
                Group.ROUTED_EXPERTS,
                Group.SHARED_EXPERTS,
                Group.LINEAR_ATTN,
                Group.SSM,
                Group.CONV,
                Group.OTHER,
                Group.VISION);
    }

    private static Quantization experts(String method, WeightFormat format, Keys k) {
        return Quantization.of(method, List.of(Rule.everywhere(Set.of(Group.ROUTED_EXPERTS), format)), plain(k));
    }

    /// Packed integers with a 16-bit scale and a packed zero point per group of input features, an
    /// order of the columns, and exceptions by regular expression.
    private static Quantization gptq(Keys k) {
        int bits = (int) k.positive("bits", 4);
        long group = group(k);
        List<Rule> rules = new ArrayList<>();
        List<String> skipped = new ArrayList<>();
        if (k.isObject("dynamic")) {
            Keys dynamic = k.child("dynamic", Map.of());
            for (String name : dynamic.names()) {
                String expression = name.replaceFirst("^[+-]:", "");
                if (name.startsWith("-")) {
                    skipped.add(expression);
                } else {
                    Keys own = dynamic.child(name, Map.of());
                    rules.add(new Rule(
                            Quantization.LINEAR,
                            Optional.of(ModuleNames.finding(List.of(expression))),
                            false,
                            Optional.of(gptq((int) own.positive("bits", bits), group(own, group)))));
                }
            }
        }
        WeightFormat format = gptq(bits, group);
        rules.add(Rule.everywhere(Quantization.LINEAR, format));
        if (k.flag("lm_head")) {
            rules.add(Rule.everywhere(Set.of(Group.LM_HEAD), format));
        }
        ModuleNames plain = skipped.isEmpty() ? plain(k) : ModuleNames.finding(skipped);
        return Quantization.of("gptq", rules, plain);
    }

    private static WeightFormat gptq(int bits, long group) {
        return WeightFormats.grouped("gptq", bits, group).zeros(bits).perColumn(4);
    }

    private static Quantization awq(Keys k) {
        int bits = (int) k.optional("bits").orElseGet(() -> k.positive("w_bit", 4));
        return Quantization.of(
                "awq", WeightFormats.grouped("awq", bits, group(k)).zeros(bits), plain(k));
    }

    static long group(Keys k) {
        return group(k, DEFAULT_GROUP);
    }

    /// Columns of a group; 0 for all of a row, which files write as -1.
    static long group(Keys k, long usual) {
        String key = k.has("group_size") ? "group_size" : "q_group_size";
        double said = k.real(key, (double) usual);
        return said <= 0 ? 0 : (long) said;
    }

    /// Modules that stay plain, under whichever key they are listed.
    static ModuleNames plain(Keys k) {
        List<String> names = new ArrayList<>();
        for (String key : List.of(
                "modules_to_not_convert",
                "ignored_layers",
                "ignore",
                "exclude_modules",
                "exclude",
                "llm_int8_skip_modules",
                "skip_modules")) {
            names.addAll(k.texts(key));
        }
        return ModuleNames.of(names);
    }
}
