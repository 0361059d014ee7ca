package dev.hourglass.core.model.synthetic;

import dev.hourglass.core.model.gguf.GgmlType;
import java.util.List;
import java.util.Optional;

/// The shapes that a model can be generated in.
public final class Shapes {

    /// The one that is used unless another is asked for.
    public static final Shape DEFAULT = new Shape(
            "qwen3-30b-a3b",
            "Qwen3-30B-A3B",
            "config.json of Qwen/Qwen3-30B-A3B",
            "qwen3moe",
            Shape.Attention.NORMED,
            48,
            0,
            2048,
            32,
            4,
            128,
            6144,
            128,
            8,
            768,
            0,
            151936,
            false,
            1e6f,
            1e-6f,
            40960,
            GgmlType.Q4_0);

    private static final Shape MIXTRAL = new Shape(
            "mixtral-8x7b",
            "Mixtral-8x7B-v0.1",
            "config.json of mistralai/Mixtral-8x7B-v0.1",
            "llama",
            Shape.Attention.PLAIN,
            32,
            0,
            4096,
            32,
            8,
            128,
            14336,
            8,
            2,
            14336,
            0,
            32000,
            false,
            1e6f,
            1e-5f,
            32768,
            GgmlType.Q4_0);

    private static final Shape DEEPSEEK = new Shape(
            "deepseek-v2-lite",
            "DeepSeek-V2-Lite",
            "config.json of deepseek-ai/DeepSeek-V2-Lite",
            "deepseek2",
            Shape.Attention.LATENT,
            27,
            1,
            2048,
            16,
            1,
            192,
            10944,
            64,
            6,
            1408,
            2,
            102400,
            false,
            1e4f,
            1e-6f,
            163840,
            GgmlType.Q4_0);

    private static final Shape GPT_OSS = new Shape(
            "gpt-oss-20b",
            "gpt-oss-20b",
            "config.json of openai/gpt-oss-20b",
            "gpt-oss",
            Shape.Attention.SINKS,
            24,
            0,
            2880,
            64,
            8,
            64,
            2880,
            32,
            4,
            2880,
            0,
            201088,
            false,
            150000f,
            1e-5f,
            131072,
            GgmlType.MXFP4);

    private static final Shape DENSE = new Shape(
            "qwen3-8b",
            "Qwen3-8B (dense)",
            "config.json of Qwen/Qwen3-8B",
            "qwen3",
            Shape.Attention.NORMED,
            36,
            36,
            4096,
            32,
            8,
            128,
            12288,
            0,
            0,
            0,
            0,
            151936,
            false,
            1e6f,
            1e-6f,
            40960,
            GgmlType.Q4_0);

    private static final List<Shape> ALL = List.of(DEFAULT, MIXTRAL, DEEPSEEK, GPT_OSS, DENSE);

    private Shapes() {}

    public static List<Shape> all() {
        return ALL;
    }

    public static Optional<Shape> find(String name) {
        return ALL.stream().filter(shape -> shape.name().equals(name)).findFirst();
    }
}
