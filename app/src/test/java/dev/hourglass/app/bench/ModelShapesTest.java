package dev.hourglass.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.model.checkpoint.ModelReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Shapes of a model against its configuration, read by hand.
class ModelShapesTest {
    private static final Path CONFIGS = Path.of("../benchmarks/model-oracle/configs");

    @Test
    void aDenseModelIsItsProductsNormsAndAttention() {
        List<ModelShapes.Shape> shapes =
                ModelShapes.of(ModelReader.read(CONFIGS.resolve("llama-3.2-1b.json")), List.of(1L, 8L), 512, 4096);

        assertThat(shapes)
                .contains(
                        new ModelShapes.Shape("gemm", Map.of("M", 8L, "N", 8192L, "K", 2048L)),
                        new ModelShapes.Shape("gemm", Map.of("M", 512L, "N", 2048L, "K", 8192L)),
                        new ModelShapes.Shape("gemm", Map.of("M", 1L, "N", 128_256L, "K", 2048L)),
                        new ModelShapes.Shape("silu_mul", Map.of("T", 8L, "I", 8192L)),
                        new ModelShapes.Shape("rmsnorm", Map.of("T", 512L, "H", 2048L)),
                        new ModelShapes.Shape("rope", Map.of("T", 8L, "h", 40L, "d", 64L)),
                        new ModelShapes.Shape(
                                "attention_decode", Map.of("B", 8L, "L", 4096L, "hq", 32L, "hkv", 8L, "d", 64L)),
                        new ModelShapes.Shape(
                                "attention_prefill", Map.of("B", 1L, "S", 512L, "hq", 32L, "hkv", 8L, "d", 64L)))
                .doesNotHaveDuplicates()
                .noneMatch(shape -> shape.op().equals("moe"))
                .as("logits of a prefill are those of its last token")
                .doesNotContain(new ModelShapes.Shape("gemm", Map.of("M", 512L, "N", 128_256L, "K", 2048L)));
    }

    /// 3 · 2048 · 768 weights of 16 bits.
    @Test
    void aMixtureOfExpertsHasTheTransferOfOneExpert() {
        List<ModelShapes.Shape> shapes =
                ModelShapes.of(ModelReader.read(CONFIGS.resolve("qwen3-30b-a3b.json")), List.of(4L), 512, 4096);

        assertThat(shapes)
                .contains(
                        new ModelShapes.Shape("moe", Map.of("T", 4L, "E", 128L, "k", 8L, "H", 2048L, "I", 768L)),
                        new ModelShapes.Shape("moe_route", Map.of("T", 512L, "E", 128L, "k", 8L)),
                        new ModelShapes.Shape("h2d_pinned", Map.of("bytes", 3L * 2048 * 768 * 2)));
    }
}
