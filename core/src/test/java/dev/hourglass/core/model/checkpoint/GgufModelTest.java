package dev.hourglass.core.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.model.Cache;
import dev.hourglass.core.model.Costing;
import dev.hourglass.core.model.Doubt;
import dev.hourglass.core.model.Group;
import dev.hourglass.core.model.Memory;
import dev.hourglass.core.model.Model;
import dev.hourglass.core.model.ModelException;
import dev.hourglass.core.model.Operator;
import dev.hourglass.core.model.Work;
import dev.hourglass.core.model.gguf.GgmlType;
import dev.hourglass.core.model.gguf.GgufTensor;
import dev.hourglass.core.model.gguf.GgufValue;
import dev.hourglass.core.model.gguf.GgufWriter;
import dev.hourglass.core.trace.TraceFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A GGUF header says what a configuration would, and its number formats win.
class GgufModelTest {
    private static final int LAYERS = 2;
    private static final int HIDDEN = 256;
    private static final int VOCABULARY = 320;

    @TempDir
    private Path directory = Path.of(".");

    private static Map<String, GgufValue> keys(String architecture, Map<String, Integer> own) {
        Map<String, GgufValue> keys = new LinkedHashMap<>();
        keys.put("general.architecture", GgufValue.of(architecture));
        keys.put(architecture + ".block_count", GgufValue.of(LAYERS));
        keys.put(architecture + ".embedding_length", GgufValue.of(HIDDEN));
        keys.put(architecture + ".context_length", GgufValue.of(1024));
        keys.put(architecture + ".attention.layer_norm_rms_epsilon", GgufValue.of(1e-6f));
        own.forEach((key, value) -> keys.put(architecture + "." + key, GgufValue.of(value)));
        return keys;
    }

    private static List<GgufTensor> mixture() {
        List<GgufTensor> tensors = new ArrayList<>();
        tensors.add(GgufTensor.of("token_embd.weight", GgmlType.Q4_K, HIDDEN, VOCABULARY));
        for (int layer = 0; layer < LAYERS; layer++) {
            String p = "blk." + layer + ".";
            tensors.add(GgufTensor.of(p + "attn_norm.weight", GgmlType.F32, HIDDEN));
            tensors.add(GgufTensor.of(p + "attn_q.weight", GgmlType.Q4_K, HIDDEN, 4 * 32));
            tensors.add(GgufTensor.of(p + "attn_k.weight", GgmlType.Q4_K, HIDDEN, 2 * 32));
            tensors.add(GgufTensor.of(p + "attn_v.weight", GgmlType.Q6_K, HIDDEN, 2 * 32));
            tensors.add(GgufTensor.of(p + "attn_output.weight", GgmlType.Q8_0, 4 * 32, HIDDEN));
            tensors.add(GgufTensor.of(p + "attn_q_norm.weight", GgmlType.F32, 32));
            tensors.add(GgufTensor.of(p + "attn_k_norm.weight", GgmlType.F32, 32));
            tensors.add(GgufTensor.of(p + "ffn_norm.weight", GgmlType.F32, HIDDEN));
            tensors.add(GgufTensor.of(p + "ffn_gate_inp.weight", GgmlType.F32, HIDDEN, 8));
            tensors.add(GgufTensor.of(p + "ffn_gate_exps.weight", GgmlType.Q4_K, HIDDEN, 256, 8));
            tensors.add(GgufTensor.of(p + "ffn_up_exps.weight", GgmlType.Q4_K, HIDDEN, 256, 8));
            tensors.add(GgufTensor.of(p + "ffn_down_exps.weight", GgmlType.Q6_K, 256, HIDDEN, 8));
        }
        tensors.add(GgufTensor.of("output_norm.weight", GgmlType.F32, HIDDEN));
        tensors.add(GgufTensor.of("output.weight", GgmlType.Q6_K, HIDDEN, VOCABULARY));
        return tensors;
    }

    private Path write(Map<String, GgufValue> keys, List<GgufTensor> tensors) throws IOException {
        Path file = directory.resolve("model.gguf");
        GgufWriter.write(file, keys, tensors, (tensor, out) -> out.write(ByteBuffer.allocate((int) tensor.bytes())));
        return file;
    }

    private static Map<String, GgufValue> mixtureKeys() {
        return keys(
                "qwen3moe",
                Map.of(
                        "attention.head_count", 4,
                        "attention.head_count_kv", 2,
                        "attention.key_length", 32,
                        "attention.value_length", 32,
                        "feed_forward_length", 512,
                        "expert_count", 8,
                        "expert_used_count", 2,
                        "expert_feed_forward_length", 256));
    }

    @Test
    void parametersAndBytesAreThoseOfTheFile() throws IOException {
        List<GgufTensor> tensors = mixture();
        Model model = ModelReader.read(write(mixtureKeys(), tensors));
        assertThat(model.family()).isEqualTo("qwen3_moe");
        assertThat(model.parameters())
                .isEqualTo(tensors.stream().mapToLong(GgufTensor::elements).sum());
        assertThat(model.weightBytes())
                .isEqualTo(tensors.stream().mapToLong(GgufTensor::bytes).sum());
        assertThat(model.storage().bytesByFormat(model)).containsOnlyKeys("Q4_K", "F32", "Q6_K", "Q8_0");
        assertThat(new Memory(Costing.of(model)).of(1, 1, 1).weights()).isEqualTo(model.weightBytes());
        assertThat(model.reading().notes()).isEmpty();
        assertThat(model.reading().notUnderstood()).isEmpty();
        assertThat(model.experts())
                .hasValueSatisfying(e -> assertThat(e.chosen()).isEqualTo(2));
    }

    @Test
    void expertsReadBytesOfTheirOwnFormats() throws IOException {
        Model model = ModelReader.read(write(mixtureKeys(), mixture()));
        double oneExpert = GgmlType.Q4_K.bytes(2 * 256 * 256) + GgmlType.Q6_K.bytes(256 * 256);
        double read = Costing.of(model).step(Work.decode(16, 1)).stream()
                .filter(cost -> cost.operator() instanceof Operator.Experts)
                .mapToDouble(cost -> cost.traffic().weights())
                .sum();
        assertThat(read).isCloseTo(LAYERS * 2 * oneExpert, org.assertj.core.data.Offset.offset(1e-6));
    }

    @Test
    void keysThatAreNotKnownAreListed() throws IOException {
        Map<String, GgufValue> keys = mixtureKeys();
        keys.put("qwen3moe.expert_hierarchy", GgufValue.of(3));
        assertThat(ModelReader.read(write(keys, mixture())).reading().notUnderstood())
                .containsExactly("qwen3moe.expert_hierarchy");
    }

    @Test
    void tablesOfTheRotaryEmbeddingAreNoWeights() throws IOException {
        List<GgufTensor> tensors = mixture();
        tensors.add(GgufTensor.of("rope_freqs.weight", GgmlType.F32, 16));
        Model model = ModelReader.read(write(mixtureKeys(), tensors));
        assertThat(model.reading().doubts()).isEmpty();
        assertThat(model.reading().notes()).singleElement().asString().startsWith("64 bytes in the file are tables");
    }

    @Test
    void elementsThatTheArchitectureDoesNotExplainAreAContradiction() throws IOException {
        List<GgufTensor> tensors = mixture();
        tensors.add(GgufTensor.of("blk.0.attn_mystery.weight", GgmlType.F32, 16));
        assertThat(ModelReader.read(write(mixtureKeys(), tensors)).reading().doubts())
                .singleElement()
                .satisfies(doubt -> assertThat(doubt.effect()).isEqualTo(Doubt.Effect.CONTRADICTION))
                .satisfies(doubt -> assertThat(doubt.text()).startsWith("The file holds "));
    }

    @Test
    void anyPartGivesTheWholeAndAMissingOneIsNamed() throws IOException {
        List<GgufTensor> tensors = mixture();
        long bytes = tensors.stream().mapToLong(GgufTensor::bytes).sum();
        Path whole = write(mixtureKeys(), tensors.subList(0, 9));
        Path first = Files.move(whole, directory.resolve("m-00001-of-00002.gguf"));
        Path second = Files.move(
                write(Map.of("general.architecture", GgufValue.of("qwen3moe")), tensors.subList(9, tensors.size())),
                directory.resolve("m-00002-of-00002.gguf"));
        for (Path given : List.of(first, second, directory)) {
            Model model = ModelReader.read(given);
            assertThat(model.weightBytes()).as(given.toString()).isEqualTo(bytes);
            assertThat(model.reading().doubts()).isEmpty();
        }
        Files.delete(second);
        assertThatThrownBy(() -> ModelReader.read(first))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("m-00002-of-00002.gguf");
    }

    @Test
    void zeroIsZero() throws IOException {
        Map<String, GgufValue> keys = keys(
                "glm4moe",
                Map.of(
                        "attention.head_count", 4,
                        "attention.head_count_kv", 2,
                        "attention.key_length", 32,
                        "feed_forward_length", 512,
                        "expert_count", 8,
                        "expert_used_count", 2,
                        "expert_shared_count", 0,
                        "leading_dense_block_count", 0,
                        "expert_feed_forward_length", 256));
        Model model = ModelReader.read(write(keys, mixture()));
        assertThat(model.parametersByGroup()).doesNotContainKeys(Group.SHARED_EXPERTS, Group.MLP);
    }

    @Test
    void unknownArchitectureIsNotGuessed() throws IOException {
        Path file = write(keys("fantasy", Map.of("moons", 3)), mixture());
        assertThatThrownBy(() -> ModelReader.read(file))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("unknown architecture fantasy")
                .hasMessageContaining("moons");
    }

    @Test
    void cutOffFileIsToldWithThePlace() throws IOException {
        Path file = write(mixtureKeys(), mixture());
        byte[] whole = Files.readAllBytes(file);
        for (int length : new int[] {0, 3, 20, 100, 400, whole.length - 40}) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> ModelReader.read(file))
                    .as("cut to " + length)
                    .isInstanceOf(TraceFormatException.class)
                    .hasMessageContaining("model.gguf: at byte ");
        }
    }

    @Test
    void latentAttentionIsReadFromItsRanks() throws IOException {
        Map<String, GgufValue> keys = keys(
                "deepseek2",
                Map.ofEntries(
                        Map.entry("attention.head_count", 4),
                        Map.entry("attention.kv_lora_rank", 64),
                        Map.entry("attention.key_length", 48),
                        Map.entry("attention.value_length", 32),
                        Map.entry("rope.dimension_count", 16),
                        Map.entry("feed_forward_length", 512),
                        Map.entry("expert_count", 8),
                        Map.entry("expert_used_count", 2),
                        Map.entry("expert_shared_count", 1),
                        Map.entry("leading_dense_block_count", 1),
                        Map.entry("expert_feed_forward_length", 256)));
        Model model = ModelReader.read(write(keys, mixture()));
        assertThat(model.sections().get(1).operators())
                .filteredOn(Operator.LatentAttention.class::isInstance)
                .containsExactly(new Operator.LatentAttention("self_attn.attention", 4, 64, 32, 16, 32));
        assertThat(Cache.perToken(new Operator.LatentAttention("", 4, 64, 32, 16, 32)))
                .isEqualTo(80);
    }
}
