package dev.hourglass.core.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.model.Model;
import dev.hourglass.core.model.ModelException;
import dev.hourglass.core.model.keys.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A description that cannot be used is told in one line: the file, the place, what was expected.
class BadConfigTest {
    @TempDir
    private Path directory = Path.of(".");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | expected the key model_type",
                "[] | expected a JSON object",
                "{\"model_type\": \"llama\" | not JSON",
                "{\"model_type\": \"llama\"} x | not JSON",
                "{\"model_type\": \"llama\"} {} | nothing behind the JSON object",
                "{\"model_type\": 5} | model_type to be a string, not 5",
                "{\"model_type\": \"unheard_of\", \"hidden_size\": 4, \"flux\": 1} | unknown architecture unheard_of",
                "{\"model_type\": \"llama\", \"hidden_size\": \"wide\"} | hidden_size to be a whole number",
                "{\"model_type\": \"llama\", \"hidden_size\": -4} | hidden_size to be a whole number",
                "{\"model_type\": \"llama\", \"hidden_size\": 0} | hidden_size to be a whole number above 0, not 0",
                "{\"model_type\": \"llama\", \"hidden_size\": 4.5} | hidden_size to be a whole number",
                "{\"model_type\": \"llama\", \"hidden_size\": null} | expected the key hidden_size",
                "{\"model_type\": \"llama\", \"hidden_size\": 1e300} | hidden_size to be a whole number",
                "{\"model_type\": \"llama\", \"hidden_size\": 99999999999999999999999} | hidden_size to be a whole number",
                "{\"model_type\": \"llama\", \"num_hidden_layers\": 2000000000} | at most 10000 layers",
                "{\"model_type\": \"llama\", \"tie_word_embeddings\": 1} | tie_word_embeddings to be true or false",
                "{\"model_type\": \"llama\", \"num_key_value_heads\": 5} | a divisor of the 32 query heads",
                "{\"model_type\": \"llama\", \"hidden_size\": 7} | num_attention_heads",
                "{\"model_type\": \"llama\", \"torch_dtype\": \"float17\"} | torch_dtype to be a number format",
                "{\"model_type\": \"gpt_oss\", \"layer_types\": [\"full_attention\"]} | one entry per layer, 36",
                "{\"model_type\": \"a\\r\\nb\\u001b[2J\", \"hidden_size\": 4} | unknown architecture a��b�[2J",
                "{\"model_type\": \"gpt_oss\", \"layer_types\": 3} | layer_types to be an array",
                "{\"model_type\": \"qwen3_moe\", \"mlp_only_layers\": [\"a\"]} | an array of whole numbers",
                "{\"model_type\": \"gemma3\", \"text_config\": []} | text_config to be an object",
                "{\"model_type\": \"deepseek_v2\"} | expected the key num_experts_per_tok",
                "{\"model_type\": \"qwen3_moe\", \"num_experts_per_tok\": 500} | at most the 128 experts",
                "{\"model_type\": \"mamba2\", \"num_heads\": 3} | num_heads to be",
                "{\"model_type\": \"llama\", \"rope_theta\": 3} | it names none of the sizes of llama",
                "{\"model_type\": \"llama\", \"architectures\": [\"EagleLlamaForCausalLM\"]} | is a draft model",
                "{\"model_type\": \"x\", \"text_config\": {\"model_type\": \"y\", \"glow\": 1}} | text_config.glow"
            })
    void oneLine(String json, String expected) throws IOException {
        Path file = Files.writeString(directory.resolve("config.json"), json);
        assertThatThrownBy(() -> ModelReader.read(file))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(expected)
                .message()
                .doesNotContain("\n");
    }

    /// Bytes that a library takes for another encoding than the only one there is.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0000007b0000007d",
                "7b0000007d000000",
                "0000feff7b",
                "fffe0000",
                "0000fffe00",
                "00007b00",
                "007b007d",
                "feff"
            })
    void bytesOfOtherEncodingsAreToldInOneLine(String bytes) throws IOException {
        Path file = Files.write(directory.resolve("config.json"), HexFormat.of().parseHex(bytes));
        assertThatThrownBy(() -> ModelReader.read(file))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(file.toString())
                .message()
                .doesNotContain("\n");
    }

    @Test
    void placeIsThatOfTheValue() throws IOException {
        Path file = Files.writeString(
                directory.resolve("config.json"), "{\"model_type\": \"llama\", \"hidden_size\": \"wide\"}");
        assertThatThrownBy(() -> ModelReader.read(file)).hasMessageContaining("config.json: at byte 39: ");
    }

    @Test
    void nestingWithoutEndIsRefused() throws IOException {
        for (String open : new String[] {"{\"a\":", "["}) {
            Path file = Files.writeString(
                    directory.resolve("config.json"), "{\"model_type\": \"llama\", \"b\": " + open.repeat(200_000));
            assertThatThrownBy(() -> ModelReader.read(file))
                    .isInstanceOf(ModelException.class)
                    .message()
                    .hasSizeLessThan(400)
                    .doesNotContain("\n");
        }
    }

    @Test
    void numbersThatMultiplyTooFarAreRefused() throws IOException {
        Path file = Files.writeString(
                directory.resolve("config.json"),
                "{\"model_type\": \"llama\", \"hidden_size\": 2147483647, \"intermediate_size\": 2147483647}");
        Model model = ModelReader.read(file);
        assertThatThrownBy(model::parameters).isInstanceOf(ArithmeticException.class);
    }

    @Test
    void missingFileAndEmptyDirectory() {
        assertThatThrownBy(() -> ModelReader.read(directory.resolve("none.json")))
                .isInstanceOf(ModelException.class)
                .hasMessageEndingWith("none.json: no such file");
        assertThatThrownBy(() -> ModelReader.read(directory))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("no config.json in it, and no GGUF file");
    }

    @Test
    void keysNobodyUnderstandsAreListed() {
        Model model = Fixtures.described(Fixtures.smallLlama(", \"rope_theta\": 5, \"quantum\": {\"depth\": 3}"));
        assertThat(model.reading().notUnderstood()).containsExactly("quantum");
        assertThat(model.reading().understood()).contains("hidden_size", "num_attention_heads");
        assertThat(model.reading().defaulted()).containsEntry("tie_word_embeddings", "false");
    }

    @Test
    void familyCanBeNamed() throws IOException {
        Path file = Files.writeString(
                directory.resolve("config.json"), "{\"model_type\": \"unheard_of\", \"hidden_size\": 4096}");
        assertThat(ModelReader.read(file, Optional.of("llama")).family()).isEqualTo("llama");
        assertThatThrownBy(() -> ModelReader.read(file, Optional.of("lama")))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("no family lama");
    }

    /// A wrapper that is not known gives its text model, and says that the tower is missing.
    @Test
    void textModelInsideAnUnknownWrapper() {
        String text = "\"text_config\": {\"model_type\": \"qwen3\", \"hidden_size\": 64, \"num_hidden_layers\": 2}";
        Model model =
                Fixtures.described("{\"model_type\": \"newest_vl\", " + text + ", \"vision_config\": {\"depth\": 3}}");
        assertThat(model.family()).isEqualTo("qwen3");
        assertThat(model.layers()).isEqualTo(2);
        assertThat(model.reading().doubts())
                .singleElement()
                .satisfies(doubt -> assertThat(doubt.text()).startsWith("What vision_config describes is not counted"));
        Model named = ModelReader.described(
                "config.json",
                Json.parse("c", ("{\"model_type\": \"a\", " + text + "}").getBytes(StandardCharsets.UTF_8), 0),
                Optional.of("llama"));
        assertThat(named.family()).isEqualTo("llama");
        assertThat(named.layers()).isEqualTo(2);
        assertThat(named.reading().doubts()).isNotEmpty();
    }

    @Test
    void keysThatSoundLikeSizesComeFirst() {
        Model model = Fixtures.described(Fixtures.smallLlama(", \"num_gizmos\": 3, \"colour\": \"red\""));
        assertThat(model.reading().doubts())
                .singleElement()
                .satisfies(doubt -> assertThat(doubt.text()).isEqualTo("Not understood: num_gizmos."));
    }

    @Test
    void infinityIsANumberAsPythonWritesIt() {
        Model model = Fixtures.described("{\"model_type\": \"mamba2\", \"time_step_limit\": [0.0, Infinity]}");
        assertThat(model.reading().notUnderstood()).isEmpty();
    }
}
