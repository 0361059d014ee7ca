package dev.hourglass.core.model.checkpoint;

import dev.hourglass.core.model.DType;
import dev.hourglass.core.model.Model;
import dev.hourglass.core.model.keys.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Published configurations, small ones, and weight files written for a test.
final class Fixtures {
    static final Path CONFIGS = Path.of("..", "benchmarks", "model-oracle", "configs");

    private Fixtures() {}

    static Model published(String name) {
        return ModelReader.read(CONFIGS.resolve(name + ".json"));
    }

    static Model described(String json) {
        return ModelReader.described(
                "config.json", Json.parse("config.json", json.getBytes(StandardCharsets.UTF_8), 0), Optional.empty());
    }

    /// A llama of two layers; `more` is put behind its keys.
    static String smallLlama(String more) {
        return """
            {"model_type": "llama", "vocab_size": 96, "hidden_size": 64, "intermediate_size": 128,
             "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "torch_dtype": "bfloat16"
            """ + more + "}";
    }

    /// A safetensors file of these tensors, its data zeros: name to `dtype shape`.
    static void writeSafetensors(Path file, Map<String, String> tensors) throws IOException {
        StringBuilder header = new StringBuilder("{\"__metadata__\": {\"format\": \"pt\"}");
        long at = 0;
        for (Map.Entry<String, String> tensor : tensors.entrySet()) {
            String[] words = tensor.getValue().split(" ");
            long elements =
                    Arrays.stream(words).skip(1).mapToLong(Long::parseLong).reduce(1, (a, b) -> a * b);
            long end = at + DType.find(words[0]).orElseThrow().bytes(elements);
            header.append(", \"%s\": {\"dtype\": \"%s\", \"shape\": [%s], \"data_offsets\": [%d, %d]}"
                    .formatted(
                            tensor.getKey(),
                            words[0],
                            Arrays.stream(words).skip(1).collect(Collectors.joining(", ")),
                            at,
                            end));
            at = end;
        }
        byte[] json = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
        Files.write(
                file,
                ByteBuffer.allocate(Math.toIntExact(8 + json.length + at))
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(json.length)
                        .put(json)
                        .array());
    }
}
