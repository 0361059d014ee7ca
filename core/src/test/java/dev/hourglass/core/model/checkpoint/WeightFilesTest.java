package dev.hourglass.core.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.model.Costing;
import dev.hourglass.core.model.DType;
import dev.hourglass.core.model.Doubt;
import dev.hourglass.core.model.Memory;
import dev.hourglass.core.model.Model;
import dev.hourglass.core.model.ModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Headers of weight files: their sums are the files' payload to the byte, and win over what the
/// configuration declares.
class WeightFilesTest {
    @TempDir
    private Path directory = Path.of(".");

    private static Map<String, String> smallLlama(String linear) {
        Map<String, String> tensors = new LinkedHashMap<>();
        tensors.put("model.embed_tokens.weight", "BF16 96 64");
        for (int layer = 0; layer < 2; layer++) {
            String prefix = "model.layers." + layer + ".";
            tensors.put(prefix + "self_attn.q_proj.weight", linear + " 64 64");
            tensors.put(prefix + "self_attn.k_proj.weight", linear + " 32 64");
            tensors.put(prefix + "self_attn.v_proj.weight", linear + " 32 64");
            tensors.put(prefix + "self_attn.o_proj.weight", linear + " 64 64");
            tensors.put(prefix + "mlp.gate_proj.weight", linear + " 128 64");
            tensors.put(prefix + "mlp.up_proj.weight", linear + " 128 64");
            tensors.put(prefix + "mlp.down_proj.weight", linear + " 64 128");
            tensors.put(prefix + "input_layernorm.weight", "BF16 64");
            tensors.put(prefix + "post_attention_layernorm.weight", "BF16 64");
        }
        tensors.put("model.norm.weight", "BF16 64");
        tensors.put("lm_head.weight", "BF16 96 64");
        return tensors;
    }

    private Path config(String more) throws IOException {
        return Files.writeString(directory.resolve("config.json"), Fixtures.smallLlama(more));
    }

    @Test
    void headerSumEqualsPayloadToTheByte() throws IOException {
        config("");
        Path weights = directory.resolve("model.safetensors");
        Fixtures.writeSafetensors(weights, smallLlama("BF16"));
        Model model = ModelReader.read(directory);
        long header = ByteBuffer.wrap(Files.readAllBytes(weights), 0, 8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
        assertThat(model.weightBytes()).isEqualTo(Files.size(weights) - 8 - header);
        assertThat(model.weightBytes()).isEqualTo(2 * model.parameters());
        assertThat(model.storage().origin()).isEqualTo("from the headers of 1 file");
    }

    @Test
    void headersWinOverDeclaredQuantisation() throws IOException {
        config(", \"quantization_config\": {\"quant_method\": \"gptq\", \"bits\": 4, \"group_size\": 32}");
        Fixtures.writeSafetensors(directory.resolve("model.safetensors"), smallLlama("F8_E4M3"));
        Model model = ModelReader.read(directory);
        long matrices = 2 * (64 * 64 * 2 + 32 * 64 * 2 + 3 * 128 * 64);
        assertThat(model.storage().bytesByFormat(model))
                .containsEntry("f8_e4m3", matrices)
                .containsOnlyKeys("f8_e4m3", "bf16");
        double mlp = new Memory(Costing.of(model)).of(1, 1, 1).weights();
        assertThat(mlp).isEqualTo(model.weightBytes());
    }

    @Test
    void shardsAreReadThroughTheIndex() throws IOException {
        config("");
        Map<String, String> first = smallLlama("BF16");
        Map<String, String> second = new LinkedHashMap<>();
        second.put("lm_head.weight", first.remove("lm_head.weight"));
        Fixtures.writeSafetensors(directory.resolve("model-00001-of-00002.safetensors"), first);
        Fixtures.writeSafetensors(directory.resolve("model-00002-of-00002.safetensors"), second);
        Path index = Files.writeString(directory.resolve("model.safetensors.index.json"), """
            {"metadata": {"total_size": 172672}, "weight_map": {
              "model.norm.weight": "model-00001-of-00002.safetensors",
              "lm_head.weight": "model-00002-of-00002.safetensors"}}
            """);
        Model model = ModelReader.read(index);
        assertThat(model.weightBytes()).isEqualTo(2 * model.parameters());
        Files.delete(directory.resolve("model-00002-of-00002.safetensors"));
        Model partly = ModelReader.read(directory);
        assertThat(partly.storage().origin()).isEqualTo("declared in the configuration");
        assertThat(partly.reading().doubts())
                .singleElement()
                .satisfies(doubt -> assertThat(doubt.text()).contains("1 of 2 weight files are not here"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../secret.safetensors",
                "/etc/secret.safetensors",
                "a\\u0000b.safetensors",
                "a/b.safetensors",
                ""
            })
    void indexCannotReachOutOfItsDirectory(String name) throws IOException {
        config("");
        Files.writeString(
                directory.resolve("model.safetensors.index.json"), "{\"weight_map\": {\"a\": \"" + name + "\"}}");
        assertThatThrownBy(() -> ModelReader.read(directory))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("names of files beside it");
    }

    @Test
    void predictionLayersBehindTheLastAreNotCounted() throws IOException {
        config("");
        Map<String, String> tensors = smallLlama("BF16");
        tensors.put("model.layers.2.self_attn.q_proj.weight", "BF16 64 64");
        Fixtures.writeSafetensors(directory.resolve("model.safetensors"), tensors);
        Model model = ModelReader.read(directory);
        assertThat(new Memory(Costing.of(model)).of(1, 1, 1).weights()).isEqualTo(2.0 * model.parameters());
        assertThat(model.reading().notes()).singleElement().asString().startsWith("8192 bytes in the files");
    }

    @Test
    void predictionByNameIsNotCountedEither() throws IOException {
        config("");
        Map<String, String> tensors = smallLlama("BF16");
        tensors.put("mtp.layers.0.self_attn.q_proj.weight", "BF16 64 64");
        Fixtures.writeSafetensors(directory.resolve("model.safetensors"), tensors);
        Model model = ModelReader.read(directory);
        assertThat(new Memory(Costing.of(model)).of(1, 1, 1).weights()).isEqualTo(2.0 * model.parameters());
        assertThat(model.reading().notes()).singleElement().asString().startsWith("8192 bytes in the files");
    }

    /// Tensors of other families by their own names: every byte is found a place.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "lfm2|model.layers.0.conv.in_proj.weight 48 16|model.layers.0.conv.out_proj.weight 16 16"
                        + "|model.layers.0.conv.conv.weight 16 1 3|model.layers.0.feed_forward.w1.weight 32 16"
                        + "|model.layers.0.feed_forward.w2.weight 16 32|model.layers.0.feed_forward.w3.weight 32 16"
                        + "|model.layers.0.operator_norm.weight 16|model.layers.0.ffn_norm.weight 16"
                        + "|model.embedding_norm.weight 16|model.embed_tokens.weight 96 16"
                        + "|, \"num_key_value_heads\": 2, \"full_attn_idxs\": [], \"block_auto_adjust_ff_dim\": false, \"layer_types\": [\"conv\"]",
                "gpt_neox|gpt_neox.embed_in.weight 96 16|embed_out.weight 96 16"
                        + "|gpt_neox.layers.0.attention.query_key_value.weight 48 16"
                        + "|gpt_neox.layers.0.attention.query_key_value.bias 48"
                        + "|gpt_neox.layers.0.attention.dense.weight 16 16|gpt_neox.layers.0.attention.dense.bias 16"
                        + "|gpt_neox.layers.0.mlp.dense_h_to_4h.weight 32 16|gpt_neox.layers.0.mlp.dense_h_to_4h.bias 32"
                        + "|gpt_neox.layers.0.mlp.dense_4h_to_h.weight 16 32|gpt_neox.layers.0.mlp.dense_4h_to_h.bias 16"
                        + "|gpt_neox.layers.0.input_layernorm.weight 32"
                        + "|gpt_neox.layers.0.post_attention_layernorm.weight 32"
                        + "|gpt_neox.final_layer_norm.weight 32|"
            })
    void namesOfOtherFamilies(String described) throws IOException {
        String[] words = described.split("\\|", -1);
        Files.writeString(directory.resolve("config.json"), """
            {"model_type": "%s", "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
             "intermediate_size": 32, "vocab_size": 96%s}""".formatted(words[0], words[words.length - 1]));
        Map<String, String> tensors = new LinkedHashMap<>();
        for (String word : Arrays.asList(words).subList(1, words.length - 1)) {
            tensors.put(word.substring(0, word.indexOf(' ')), "BF16" + word.substring(word.indexOf(' ')));
        }
        Fixtures.writeSafetensors(directory.resolve("model.safetensors"), tensors);
        Model model = ModelReader.read(directory);
        assertThat(model.reading().doubts()).isEmpty();
        assertThat(model.weightBytes()).isEqualTo(2 * model.parameters());
        assertThat(new Memory(Costing.of(model)).of(1, 1, 1).weights()).isEqualTo(2.0 * model.parameters());
    }

    @Test
    void anIndexThatSaysSomethingElseIsAContradiction() throws IOException {
        config("");
        Files.writeString(
                directory.resolve("model.safetensors.index.json"),
                "{\"metadata\": {\"total_size\": 40000}, \"weight_map\": {\"a\": \"gone.safetensors\"}}");
        assertThat(ModelReader.read(directory).reading().doubts())
                .first()
                .satisfies(doubt -> assertThat(doubt.effect()).isEqualTo(Doubt.Effect.CONTRADICTION))
                .satisfies(doubt -> assertThat(doubt.text()).contains("The index says 40000 bytes"));
    }

    @Test
    void aLoneShardIsNotTakenForTheWhole() throws IOException {
        config("");
        Fixtures.writeSafetensors(
                directory.resolve("model-00001-of-00005.safetensors"), Map.of("model.norm.weight", "BF16 64"));
        Model model = ModelReader.read(directory);
        assertThat(model.weightBytes()).isEqualTo(2 * model.parameters());
        assertThat(model.reading().doubts())
                .singleElement()
                .satisfies(
                        doubt -> assertThat(doubt.text()).startsWith("1 weight file lies beside it without an index"));
    }

    @Test
    void anAdapterIsNoModelAndNoWeights() throws IOException {
        Path adapter = Files.writeString(
                directory.resolve("adapter_config.json"), "{\"base_model_name_or_path\": \"some/base\"}");
        Fixtures.writeSafetensors(directory.resolve("adapter_model.safetensors"), Map.of("a", "BF16 4"));
        assertThatThrownBy(() -> ModelReader.read(directory)).hasMessageContaining("an adapter of some/base");
        assertThatThrownBy(() -> ModelReader.read(adapter)).hasMessageContaining("an adapter of some/base");
        config("");
        Model model = ModelReader.read(directory);
        assertThat(model.weightBytes()).isEqualTo(2 * model.parameters());
        assertThat(model.reading().notes()).singleElement().asString().startsWith("An adapter of ");
    }

    @Test
    void quantisationBesideTheConfigurationIsRead() throws IOException {
        config("");
        Files.writeString(directory.resolve("hf_quant_config.json"), """
            {"producer": {"name": "modelopt"}, "quantization": {"quant_algo": "NVFP4", "kv_cache_quant_algo": "FP8",
             "group_size": 16, "exclude_modules": ["lm_head", "model.layers.0.self_attn*"]}}""");
        Model model = ModelReader.read(directory);
        long attention = 64 * 64 * 2 + 32 * 64 * 2;
        long quantised = attention + 2 * 3 * 128 * 64;
        assertThat(model.storage().bytesByFormat(model))
                .containsEntry("nvfp4", quantised / 2 + quantised / 16 + 8 * 10);
        assertThat(model.storage().cache()).isEqualTo(DType.F8_E4M3);
    }

    @Test
    void everyTruncationIsToldInOneLineWithThePlace() throws IOException {
        config("");
        Path weights = directory.resolve("model.safetensors");
        Fixtures.writeSafetensors(weights, smallLlama("BF16"));
        byte[] whole = Files.readAllBytes(weights);
        for (int length : new int[] {0, 3, 7, 8, 9, 200, whole.length / 2, whole.length - 1}) {
            Files.write(weights, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> ModelReader.read(directory))
                    .as("cut to " + length)
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("model.safetensors")
                    .message()
                    .doesNotContain("\n");
        }
    }

    @Test
    void headersThatLieAreRefused() throws IOException {
        config("");
        for (String lie : new String[] {
            "{\"a\": {\"dtype\": \"BF16\", \"shape\": [4], \"data_offsets\": [0, 9]}}",
            "{\"a\": {\"dtype\": \"BF16\", \"shape\": [4], \"data_offsets\": [8, 0]}}",
            "{\"a\": {\"dtype\": \"XX\", \"shape\": [4], \"data_offsets\": [0, 8]}}",
            "{\"a\": {\"dtype\": \"BF16\", \"shape\": [9999999999, 9999999999, 4], \"data_offsets\": [0, 8]}}",
            "{\"a\": {\"dtype\": \"BF16\", \"shape\": [-4], \"data_offsets\": [0, 8]}}",
            "{\"a\": 5}",
            "[1]"
        }) {
            byte[] json = lie.getBytes(StandardCharsets.UTF_8);
            Files.write(
                    directory.resolve("model.safetensors"),
                    ByteBuffer.allocate(16 + json.length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(json.length)
                            .put(json)
                            .array());
            assertThatThrownBy(() -> ModelReader.read(directory)).as(lie).isInstanceOf(ModelException.class);
        }
    }
}
