package dev.hourglass.core.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.core.model.Costing;
import dev.hourglass.core.model.DType;
import dev.hourglass.core.model.Doubt;
import dev.hourglass.core.model.Group;
import dev.hourglass.core.model.Memory;
import dev.hourglass.core.model.Model;
import dev.hourglass.core.model.ModelUse;
import dev.hourglass.core.model.ModuleNames;
import dev.hourglass.core.model.Operator;
import dev.hourglass.core.model.Section;
import dev.hourglass.core.model.Storage;
import dev.hourglass.core.model.Weight;
import dev.hourglass.core.model.WeightFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Bytes of declared quantisations, scales included.
class QuantizationTest {
    private static final String LLAMA = "{\"model_type\": \"llama\", \"quantization_config\": ";

    /// Bits per weight of a layer's feed-forward, of 4096 × 11008.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"quant_method\": \"fp8\", \"weight_block_size\": [128, 128]} | 8.002",
                "{\"quant_method\": \"gptq\", \"bits\": 4, \"group_size\": 128} | 4.16",
                "{\"quant_method\": \"awq\", \"bits\": 4, \"group_size\": 128} | 4.156",
                "{\"quant_method\": \"modelopt\", \"quant_algo\": \"NVFP4\"} | 4.5",
                "{\"quant_method\": \"nvfp4\"} | 4.5"
            })
    void bitsPerWeight(String declared, double bits) {
        Model model = Fixtures.described(LLAMA + declared + "}");
        Section layer = model.sections().get(1);
        double bytes = 0;
        long elements = 0;
        for (Operator operator : layer.operators()) {
            if (operator.group() == Group.MLP) {
                for (Weight weight : operator.weights()) {
                    bytes += model.storage().bytes(layer.path(operator), weight);
                    elements += weight.elements();
                }
            }
        }
        assertThat(8 * bytes / elements).isCloseTo(bits, within(0.004));
    }

    @Test
    void blockScalesOfRaggedShapesAreRoundedUp() {
        WeightFormat format = WeightFormats.fp8Blocks(128, 128);
        Weight weight = new Weight("weight", Group.MLP, Weight.Kind.MATRIX, 3, 130, 257);
        assertThat(format.bytes(weight)).isEqualTo(3 * (130 * 257 + 2 * 3 * 4));
    }

    @Test
    void microscalingCoversExpertsOnly() {
        Model model = Fixtures.published("gpt-oss-20b");
        Map<String, Long> bytes = model.storage().bytesByFormat(model);
        Operator.Experts experts = model.experts().orElseThrow();
        long matrices = 24L * experts.total() * 3 * experts.hidden() * experts.intermediate();
        assertThat(bytes).containsOnlyKeys("mxfp4", "bf16");
        assertThat(bytes.get("mxfp4")).isEqualTo(matrices / 2 + matrices / 32);
    }

    /// Router and norms are listed, one by one and per layer, as not converted.
    @Test
    void listedModulesStayPlain() {
        Model quantised = Fixtures.published("qwen3-30b-a3b-fp8");
        Map<Group, Long> parameters = quantised.parametersByGroup();
        long plain = parameters.get(Group.EMBED)
                + parameters.get(Group.LM_HEAD)
                + parameters.get(Group.NORM)
                + parameters.get(Group.ROUTER);
        assertThat(quantised.storage().bytesByFormat(quantised)).containsEntry("bf16", 2 * plain);
    }

    @Test
    void patternsMatchWholeNamesAndWhatIsBelow() {
        ModuleNames names = ModuleNames.of(
                List.of("lm_head", "model.layers.1.mlp.gate", "model.layers.*.self_attn", "re:.*shared_expert$"));
        assertThat(names.contains("lm_head")).isTrue();
        assertThat(names.contains("model.layers.1.mlp.gate")).isTrue();
        assertThat(names.contains("model.layers.11.mlp.gate")).isFalse();
        assertThat(names.contains("model.layers.1.mlp.gate_proj")).isFalse();
        assertThat(names.contains("model.layers.7.self_attn.q_proj")).isTrue();
        assertThat(names.contains("model.layers.7.mlp.shared_expert")).isTrue();
        assertThat(names.contains("model.layers.7.mlp.shared_expert_gate")).isFalse();
    }

    /// Bytes are not known, and everything else is; a format given instead makes them known.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"quant_method\": \"magic\"}",
                "{\"quant_method\": \"modelopt\", \"quant_algo\": \"W3A5\"}",
                "{\"quant_method\": \"torchao\", \"quant_type\": {\"default\": {\"_type\": \"Odd\"}}}",
                "{\"quant_method\": \"quark\", \"global_quant_config\": {\"weight\": {\"dtype\": \"lut\"}}}",
                "{\"quant_method\": \"compressed-tensors\", \"config_groups\": {}}",
                "{\"quant_method\": \"bitsandbytes\"}",
                "{\"quant_method\": \"hqq\"}"
            })
    void unknownMethodIsNotGuessed(String declared) {
        Model model = Fixtures.described(LLAMA + declared + "}");
        assertThat(model.storage().unknown()).isPresent();
        assertThat(model.storage().bytesByFormat(model)).isEmpty();
        assertThat(model.parameters()).isEqualTo(6738415616L);
        assertThat(new Memory(Costing.of(model)).of(1, 10, 1).weights()).isNaN();
        assertThat(model.reading().doubts())
                .singleElement()
                .satisfies(doubt -> assertThat(doubt.effect()).isEqualTo(Doubt.Effect.MAY_CHANGE))
                .satisfies(doubt ->
                        assertThat(doubt.text()).startsWith("The bytes of the weights are not known, because "));
        assertThat(model.with(new Storage.Declared(DType.F8_E4M3, Optional.empty()))
                        .weightBytes())
                .isEqualTo(6738415616L);
    }

    private static long linear(Model model) {
        Map<Group, Long> groups = model.parametersByGroup();
        return groups.get(Group.ATTN) + groups.get(Group.MLP);
    }

    /// Formats by every tool's own words, in bits of a layer's feed-forward, scales included.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"quant_method\": \"bitsandbytes\", \"load_in_4bit\": true, \"bnb_4bit_quant_type\": \"nf4\", \"bnb_4bit_use_double_quant\": true} | 4.125",
                "{\"quant_method\": \"bitsandbytes\", \"load_in_4bit\": true} | 4.5",
                "{\"quant_method\": \"bitsandbytes\", \"load_in_8bit\": true} | 8.006",
                "{\"quant_method\": \"auto-round\", \"bits\": 4, \"group_size\": 128} | 4.156",
                "{\"quant_method\": \"hqq\", \"quant_config\": {\"weight_quant_params\": {\"nbits\": 4, \"group_size\": 64}}} | 4.5",
                "{\"quant_method\": \"torchao\", \"quant_type\": {\"default\": {\"_type\": \"Int4WeightOnlyConfig\", \"_data\": {\"group_size\": 128}}}} | 4.25",
                "{\"quant_method\": \"quark\", \"global_quant_config\": {\"weight\": {\"dtype\": \"fp4\", \"qscheme\": \"per_group\", \"group_size\": 32, \"scale_format\": \"e8m0\"}}} | 4.25",
                "{\"quant_method\": \"quark\", \"global_quant_config\": {\"weight\": {\"dtype\": \"fp8_e4m3\", \"qscheme\": \"per_tensor\"}}} | 8.0",
                "{\"group_size\": 64, \"bits\": 4} | 4.5",
                "{\"quant_method\": \"gptq\", \"bits\": 4, \"group_size\": -1} | 4.012",
                "{\"quant_method\": \"modelopt\", \"quant_algo\": \"MXFP8\"} | 8.25",
                "{\"quant_method\": \"compressed-tensors\", \"format\": \"mxfp4-pack-quantized\", \"config_groups\": {\"g\": {\"targets\": [\"Linear\"], \"weights\": {\"num_bits\": 4, \"type\": \"float\", \"group_size\": 32}}}} | 4.25",
                "{\"quant_method\": \"compressed-tensors\", \"format\": \"nvfp4-pack-quantized\", \"config_groups\": {\"g\": {\"targets\": [\"Linear\"], \"weights\": {\"num_bits\": 4, \"type\": \"float\", \"group_size\": 16}}}} | 4.5",
                "{\"quant_method\": \"compressed-tensors\", \"format\": \"float-quantized\", \"config_groups\": {\"g\": {\"targets\": [\"Linear\"], \"weights\": {\"num_bits\": 8, \"type\": \"float\", \"strategy\": \"block\", \"block_structure\": \"128x128\"}}}} | 8.001",
                "{\"quant_method\": \"compressed-tensors\", \"format\": \"pack-quantized\", \"config_groups\": {\"g\": {\"targets\": [\"Linear\"], \"weights\": {\"num_bits\": 4, \"type\": \"int\", \"group_size\": 128, \"strategy\": \"group\", \"symmetric\": false}}}} | 4.156"
            })
    void bitsOfEveryTool(String declared, double bits) {
        bitsPerWeight(declared, bits);
    }

    /// A number format per group of modules, exceptions first, keys and values in eight bits.
    @Test
    void groupsTargetsAndTheCacheAreRead() {
        Model model = Fixtures.described(LLAMA + """
            {"quant_method": "compressed-tensors", "ignore": ["lm_head", "re:.*layers.0\\\\..*"],
             "kv_cache_scheme": {"num_bits": 8, "type": "float"},
             "config_groups": {
              "a": {"targets": ["re:.*down_proj$"], "weights": {"num_bits": 8, "type": "int", "strategy": "channel"}},
              "b": {"targets": ["Linear"], "weights": {"num_bits": 4, "type": "float", "group_size": 16}}}}}""");
        Map<String, Long> bytes = model.storage().bytesByFormat(model);
        long down = 31L * 4096 * 11008;
        assertThat(bytes).containsEntry("int8 per row", down + 31L * 4096 * 2);
        long layer = linear(model) / 32;
        assertThat(bytes.get("bf16")).isEqualTo(2 * (model.parameters() - 31 * layer));
        assertThat(model.storage().cache()).isEqualTo(DType.F8_E4M3);
        assertThat(ModelUse.of(1, 1, 1).costing(model).cacheType()).isEqualTo(DType.F8_E4M3);
    }

    @Test
    void exceptionsOfGptqAndItsHead() {
        Model model = Fixtures.described(LLAMA + """
            {"quant_method": "gptq", "bits": 4, "group_size": 128, "lm_head": true,
             "dynamic": {"-:layers\\\\.0\\\\.": {}, "+:.*down_proj": {"bits": 8}}}}""");
        Map<String, Long> bytes = model.storage().bytesByFormat(model);
        assertThat(bytes).containsOnlyKeys("bf16", "gptq 4 bit, group 128", "gptq 8 bit, group 128");
        long layer = linear(model) / 32;
        assertThat(bytes.get("bf16"))
                .isEqualTo(2
                        * (layer
                                + model.parametersByGroup().get(Group.EMBED)
                                + model.parametersByGroup().get(Group.NORM)));
    }

    @Test
    void algorithmsOfSingleLayersUnderOtherNames() {
        Model model = Fixtures.described("""
            {"model_type": "qwen3_moe", "num_hidden_layers": 2, "quantization_config": {"quant_method": "modelopt",
             "quant_algo": "MIXED_PRECISION", "kv_cache_quant_algo": "FP8", "quantized_layers": {
              "model.language_model.layers.0.mlp.experts.0.gate_proj": {"quant_algo": "NVFP4"},
              "model.language_model.layers.1.self_attn.o_proj": {"quant_algo": "FP8"}}}}""");
        Operator.Experts experts = model.experts().orElseThrow();
        long one = experts.total() * experts.hidden() * experts.intermediate();
        Map<String, Long> bytes = model.storage().bytesByFormat(model);
        assertThat(bytes.get("nvfp4")).isEqualTo(one / 2 + one / 16 + 8 * experts.total());
        assertThat(bytes.get("fp8 per tensor")).isEqualTo(2048L * 2048 + 8);
        assertThat(model.storage().cache()).isEqualTo(DType.F8_E4M3);
    }

    @Test
    void aDeclarationThatNamesNoModuleIsToldFirst() {
        Model model = Fixtures.described(LLAMA + """
            {"quant_method": "modelopt", "quant_algo": "MIXED_PRECISION",
             "quantized_layers": {"encoder.block.7.fc": {"quant_algo": "FP8"}}}}""");
        assertThat(model.reading().doubts())
                .singleElement()
                .satisfies(doubt -> assertThat(doubt.text()).contains("names no module"));
    }
}
