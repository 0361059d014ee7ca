package dev.hourglass.core.model.checkpoint;

import dev.hourglass.core.model.gguf.GgmlType;
import dev.hourglass.core.model.gguf.GgufTensor;
import dev.hourglass.core.model.gguf.GgufValue;
import dev.hourglass.core.model.gguf.GgufWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Small model files, for those who do not live here.
public final class ModelFiles {
    private ModelFiles() {}

    /// Published configurations, quantised ones among them.
    public static List<byte[]> configurations() throws IOException {
        try (Stream<Path> files = Files.list(Fixtures.CONFIGS)) {
            return files.sorted().map(ModelFiles::bytes).toList();
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /// A configuration to which [#safetensors] belongs.
    public static String configuration() {
        return Fixtures.smallLlama("");
    }

    /// A file of weights.
    public static byte[] safetensors(Path folder) throws IOException {
        Path file = folder.resolve("seed.safetensors");
        Map<String, String> tensors = new LinkedHashMap<>();
        tensors.put("model.embed_tokens.weight", "BF16 96 64");
        tensors.put("model.layers.0.self_attn.q_proj.weight", "BF16 64 64");
        tensors.put("model.layers.1.mlp.up_proj.weight", "F8_E4M3 128 64");
        tensors.put("lm_head.weight", "F32 96 64");
        Fixtures.writeSafetensors(file, tensors);
        return bytes(file);
    }

    /// A small GGUF model with values of every kind.
    public static byte[] gguf(Path folder) throws IOException {
        Path file = folder.resolve("seed.gguf");
        Map<String, GgufValue> metadata = new LinkedHashMap<>();
        metadata.put("general.architecture", GgufValue.of("llama"));
        metadata.put("general.alignment", GgufValue.of(32));
        metadata.put("llama.block_count", GgufValue.of(1));
        metadata.put("llama.embedding_length", GgufValue.of(64));
        metadata.put("llama.feed_forward_length", GgufValue.of(128));
        metadata.put("llama.attention.head_count", GgufValue.of(4));
        metadata.put("llama.context_length", new GgufValue.Whole(GgufValue.Kind.UINT64, 4096));
        metadata.put("llama.rope.freq_base", GgufValue.of(10_000f));
        metadata.put("llama.flag", GgufValue.of(true));
        metadata.put(
                "tokenizer.ggml.tokens",
                new GgufValue.Items(GgufValue.Kind.STRING, 2, List.of(GgufValue.of("a"), GgufValue.of("é"))));
        List<GgufTensor> tensors = List.of(
                new GgufTensor("token_embd.weight", GgmlType.F16, List.of(64L, 96L), 0),
                new GgufTensor("blk.0.attn_q.weight", GgmlType.F32, List.of(64L, 64L), 12_288));
        GgufWriter.write(
                file, metadata, tensors, (tensor, out) -> out.write(ByteBuffer.allocate((int) tensor.bytes())));
        return bytes(file);
    }
}
