package dev.hourglass.core.model.checkpoint;

import dev.hourglass.core.model.DType;
import dev.hourglass.core.model.ModuleNames;
import dev.hourglass.core.model.Quantization;
import dev.hourglass.core.model.Quantization.Rule;
import dev.hourglass.core.model.WeightFormat;
import dev.hourglass.core.model.WeightFormat.Block;
import dev.hourglass.core.model.keys.Keys;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// NVIDIA Model Optimizer: one algorithm for all layers, or one for each that is listed.
final class ModelOpt {
    private static final String METHOD = "modelopt";
    private static final String ALGORITHM = "quant_algo";
    private static final String LAYERS = "quantized_layers";

    private ModelOpt() {}

    static Quantization of(Keys k) {
        Optional<String> algorithm = k.text(ALGORITHM);
        if (k.isObject(LAYERS)) {
            return listed(k).caching(cache(k));
        }
        if (algorithm.isEmpty()) {
            return k.isObject("config_groups")
                    ? CompressedTensors.of(k).caching(cache(k))
                    : k.text("quant_method").filter("nvfp4"::equals).isPresent()
                            ? one("NVFP4", k)
                            : Quantization.unknown(METHOD, "it names no quant_algo");
        }
        return one(algorithm.get(), k).caching(cache(k));
    }

    private static Quantization one(String algorithm, Keys k) {
        return format(algorithm, k)
                .map(format -> Quantization.of(METHOD, format, Quantizations.plain(k)))
                .orElseGet(() -> Quantization.unknown(METHOD, "the quant_algo " + algorithm + " is not known"));
    }

    /// Each listed module has its own algorithm; where others are declared to be in another format,
    /// as DeepSeek-V4's in blocks of eight bits, that stands behind them.
    private static Quantization listed(Keys k) {
        Keys layers = k.child(LAYERS, Map.of());
        Map<WeightFormat, List<String>> names = new LinkedHashMap<>();
        for (String name : layers.names()) {
            Keys own = layers.child(name, Map.of());
            String algorithm = own.text(ALGORITHM).orElse("");
            Optional<WeightFormat> format = format(algorithm, own);
            if (format.isEmpty()) {
                return Quantization.unknown(METHOD, "the quant_algo " + algorithm + " of " + name + " is not known");
            }
            names.computeIfAbsent(format.get(), f -> new ArrayList<>()).add(name);
        }
        List<Rule> rules = new ArrayList<>();
        names.forEach((format, modules) -> rules.add(Rule.named(ModuleNames.of(modules), format)));
        List<Long> block = WeightFormats.blocks(k, "weight_block_size");
        if (!block.isEmpty()) {
            rules.add(Rule.everywhere(Quantization.LINEAR, WeightFormats.fp8Blocks(block.get(0), block.get(1))));
            return Quantization.of(METHOD, rules, ModuleNames.of(List.of("lm_head")));
        }
        return Quantization.of(METHOD, rules, Quantizations.plain(k));
    }

    private static Optional<WeightFormat> format(String algorithm, Keys k) {
        long group = Quantizations.group(k, 0);
        return switch (algorithm.toUpperCase(Locale.ROOT)) {
            case "FP8" -> Optional.of(WeightFormats.fp8PerTensor(true));
            case "FP8_PER_CHANNEL_PER_TOKEN" -> Optional.of(WeightFormats.fp8PerRow());
            case "FP8_PB_WO", "FP8_PB_REAL" -> Optional.of(WeightFormats.fp8Blocks(128, 128));
            case "NVFP4" -> Optional.of(WeightFormats.nvfp4(group == 0 ? 16 : group));
            case "NVFP4_AWQ" ->
                Optional.of(WeightFormats.nvfp4(group == 0 ? 16 : group).perColumn(2));
            case "W4A16_NVFP4" -> Optional.of(WeightFormats.nvfp4Weights(group == 0 ? 16 : group));
            case "MXFP8" -> Optional.of(WeightFormats.MXFP8);
            case "MXFP4", "W4A16_MXFP4", "W4A8_MXFP4_FP8" -> Optional.of(WeightFormats.MXFP4);
            case "INT4_AWQ", "W4A16_AWQ" ->
                Optional.of(WeightFormats.grouped("int4 awq", 4, group == 0 ? 128 : group)
                        .perColumn(2));
            case "W4A8_AWQ" ->
                Optional.of(WeightFormats.grouped("w4a8 awq", 4, group == 0 ? 128 : group)
                        .perColumn(2)
                        .perMatrix(8));
            case "W8A16" -> Optional.of(WeightFormats.intPerRow(8));
            case "W4A16" -> Optional.of(WeightFormats.grouped("int4", 4, group));
            case "INT8_SQ", "W8A8_SQ_PER_CHANNEL" ->
                Optional.of(WeightFormat.scaled("int8 per row", "int8", 8, Block.ROW, 32)
                        .perColumn(4)
                        .perMatrix(4));
            default -> Optional.empty();
        };
    }

    /// The format of keys and values, as a name or as a scheme.
    static Optional<DType> cache(Keys k) {
        return k.text("kv_cache_quant_algo")
                .or(() -> k.isText("kv_cache_scheme") ? k.text("kv_cache_scheme") : Optional.empty())
                .flatMap(ModelOpt::cacheType)
                .or(() -> CompressedTensors.cache(k));
    }

    private static Optional<DType> cacheType(String name) {
        return switch (name.toUpperCase(Locale.ROOT)) {
            case "FP8" -> Optional.of(DType.F8_E4M3);
            case "INT8" -> Optional.of(DType.I8);
            case "NVFP4" -> Optional.of(DType.F4);
            default -> Optional.empty();
        };
    }
}
