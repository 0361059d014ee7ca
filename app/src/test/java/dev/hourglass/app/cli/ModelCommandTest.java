package dev.hourglass.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The verbs `model` and `devices` as people and programs call them.
@Isolated
class ModelCommandTest {
    private static final Path CONFIGS = Path.of("..", "benchmarks", "model-oracle", "configs");

    private record Ran(int status, String out, String err) {}

    private static Ran run(String... args) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        ByteArrayOutputStream complained = new ByteArrayOutputStream();
        System.setOut(new PrintStream(written, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
        try {
            int status = Main.run(args);
            return new Ran(
                    status, written.toString(StandardCharsets.UTF_8), complained.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    private static String config(String name) {
        return CONFIGS.resolve(name + ".json").toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "qwen3-30b-a3b",
                "deepseek-v3",
                "gemma-3-4b",
                "qwen3-next-80b-a3b",
                "mamba2-780m",
                "whisper-large-v3",
                "qwen3-vl-4b",
                "gpt-oss-20b"
            })
    void summaryFitsItsColumns(String name) {
        Ran ran = run("model", config(name), "--device", "h100-sxm");
        assertThat(ran.status()).isZero();
        assertThat(ran.err()).isEmpty();
        assertThat(ran.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
        assertThat(ran.out()).contains("FLOP convention serving", "limited by", "KV cache", "fits");
    }

    /// What fits is counted in the card's own bytes, of which the engine takes a share; the rest has a name.
    @Test
    void whatFitsLeavesRoomForWhatNoModelCounts() {
        String usual =
                run("model", config("gpt-oss-20b"), "--device", "h200").out().replaceAll("\\s+", " ");
        assertThat(usual).contains("in 135 GB, 90.0 % of the 150 GB of", "CUDA context, CUDA graphs");
        String all = run("model", config("gpt-oss-20b"), "--device", "h200", "--memory-utilization", "1")
                .out()
                .replaceAll("\\s+", " ");
        assertThat(all).contains("in 150 GB, 100 % of the 150 GB of", "nothing is left for the CUDA context");
        Ran none = run("model", config("gpt-oss-20b"), "--device", "h200", "--memory-utilization", "1.2");
        assertThat(none.status()).isEqualTo(2);
        assertThat(none.err()).contains("--memory-utilization is above 0 and at most 1, not 1.2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"model", "devices", "mfu"})
    void helpTeachesWithExamplesOfOneLine(String verb) {
        Ran ran = run(verb, "--help");
        assertThat(ran.status()).isZero();
        assertThat(ran.out()).contains("Examples:", "hourglass " + verb);
        assertThat(ran.out().lines().dropWhile(line -> !line.equals("Examples:")))
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    }

    @Test
    void jsonHoldsBothConventions() {
        Ran ran = run("model", config("qwen3-30b-a3b"), "--prompt", "128", "--context", "128", "--json");
        assertThat(ran.status()).isZero();
        assertThat(ran.out())
                .contains("\"params_total\" : 30532122624")
                .contains("\"params_active\" : 3353032704")
                .contains("\"hf\" : {", "\"serving\" : {", "\"prefill_all_logits\"", "\"prefill_last_logit\"")
                .contains("\"bytes_per_token\" : 98304")
                .contains("\"experts_touched\" : 8", "\"fits\" : null", "\"bound\" : null", "\"not_understood\" : [ ]");
    }

    @Test
    void severalModelsStandSideBySide() {
        Ran ran = run("model", config("llama-3.1-8b"), config("qwen3-30b-a3b"), "--device", "h200", "--prompt", "64");
        assertThat(ran.out()).contains("llama-3.1-8b", "qwen3-30b-a3b", "8.03B", "30.5B");
        assertThat(run("model", config("llama-3.1-8b"), config("qwen3-30b-a3b"), "--json")
                        .out())
                .startsWith("[");
    }

    @ParameterizedTest
    @ValueSource(strings = {"group", "layer", "operator"})
    void csvHasOneWidth(String by) {
        Ran ran = run("model", config("deepseek-v3"), "--by", by, "--csv");
        assertThat(ran.out()
                        .lines()
                        .map(line -> line.replaceAll("\"[^\"]*\"", "").split(",", -1).length)
                        .distinct())
                .containsExactly(15);
    }

    @Test
    void equalLayersAreOneRow() {
        assertThat(run("model", config("deepseek-v3"), "--by", "layer").out()).contains("0 to 2", "3 to 60");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model",
                "model nothing.json",
                "model CONFIG --device h10",
                "model CONFIG --device gpu:99",
                "model CONFIG --dtype bf15",
                "model CONFIG --batch 0",
                "model CONFIG --prompt -3",
                "model CONFIG --tp 3",
                "model CONFIG --tp 0",
                "model CONFIG --ep 2",
                "model CONFIG --pp 33",
                "model CONFIG --image 3",
                "model CONFIG --convention both",
                "model CONFIG --by head",
                "model CONFIG --as lama",
                "model CONFIG --prompt 100000000 --batch 1000000",
                "mfu nowhere --model CONFIG",
                "devises"
            })
    void mistakesAreOneLineAndExitTwo(String line) {
        Ran ran = run(line.replace("CONFIG", config("llama-3.1-8b")).split(" "));
        assertThat(ran.status()).isEqualTo(2);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err().lines()).singleElement().asString().startsWith("hourglass: ");
    }

    private static final String SMALL = "\"model_type\": \"llama\", \"hidden_size\": 64, \"num_hidden_layers\": 2, "
            + "\"num_attention_heads\": 4, \"intermediate_size\": 128, \"vocab_size\": 96";

    @Test
    void aContradictionIsFirstAndOnlyStrictRefusesIt(@TempDir Path directory) throws IOException {
        Path config = Files.writeString(directory.resolve("config.json"), "{" + SMALL + "}");
        Files.writeString(
                directory.resolve("model.safetensors.index.json"),
                "{\"metadata\": {\"total_size\": 40}, \"weight_map\": {\"a\": \"gone.safetensors\"}}");
        Ran ran = run("model", config.toString());
        assertThat(ran.status()).isZero();
        assertThat(ran.out().lines().limit(4))
                .anySatisfy(line -> assertThat(line).contains("contradiction"));
        assertThat(run("model", config.toString(), "--json").out()).contains("\"effect\" : \"contradiction\"");
        Ran strict = run("model", config.toString(), "--strict");
        assertThat(strict.status()).isEqualTo(2);
        assertThat(strict.err().lines()).singleElement().asString().contains("The index says 40 bytes");
    }

    @Test
    void bytesThatAreNotKnownAreSaidAndTheRestIsComputed(@TempDir Path directory) throws IOException {
        Path config = Files.writeString(
                directory.resolve("config.json"),
                "{" + SMALL + ", \"quantization_config\": {\"quant_method\": \"magic\"}}");
        Ran ran = run("model", config.toString(), "--device", "h100-sxm");
        assertThat(ran.status()).isZero();
        assertThat(ran.out())
                .contains("not known, because the method magic is not known", "KV cache", "FLOP")
                .doesNotContain("NaN", "not a number");
        assertThat(run("model", config.toString(), "--json").out()).contains("\"weight_bytes\" : null");
        assertThat(run("model", config.toString(), config.toString(), "--device", "h100-sxm")
                        .out())
                .contains("not known")
                .doesNotContain("NaN", "not a number");
        for (String by : new String[] {"group", "layer", "operator"}) {
            assertThat(run("model", config.toString(), "--by", by, "--device", "h100-sxm")
                            .status())
                    .isZero();
        }
        assertThat(run("model", config.toString(), "--dtype", "int8").out()).doesNotContain("bytes not known");
    }

    @Test
    void defaultsAndContextsAreShown() {
        assertThat(run("model", config("gemma-3-4b")).out()).contains("Defaults taken");
        assertThat(run("model", config("gemma-3-4b"), "--by", "operator").out()).contains("stops growing");
    }

    @Test
    void nearNamesAreOffered() {
        assertThat(run("model", config("llama-3.1-8b"), "--device", "h100").err())
                .contains("did you mean h100-sxm");
        assertThat(run("model", config("llama-3.1-8b"), "--dtype", "bf15").err())
                .contains("bf16");
    }

    @Test
    void devicesAreListed() {
        Ran ran = run("devices");
        assertThat(ran.status()).isZero();
        assertThat(ran.out()).contains("In this machine: cpu", "h100-sxm", "989", "mi300x", "epyc-9755");
        assertThat(ran.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
        assertThat(run("devices", "--sources").out()).contains("sparse figures halved");
        assertThat(run("devices", "--csv").out().lines().skip(1))
                .allSatisfy(line -> assertThat(line).contains(","));
    }
}
