package dev.hourglass.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        WeightFormat format = new WeightFormat("", "fp8", 8, 128, 128, 32, 0, 0, 0);
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

    @Test
    void unknownMethodIsNotGuessed() {
        assertThatThrownBy(() -> Fixtures.described(LLAMA + "{\"quant_method\": \"magic\"}}"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("quant_method")
                .hasMessageContaining("\"magic\"");
    }
}
