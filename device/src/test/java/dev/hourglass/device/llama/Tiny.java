package dev.hourglass.device.llama;

import dev.hourglass.core.model.gguf.GgmlType;
import dev.hourglass.core.model.synthetic.GeneratedModel;
import dev.hourglass.core.model.synthetic.Shape;
import dev.hourglass.core.trace.EventBatch;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;

/// Models of a few hundred kilobytes, and a run of the real engine on them.
final class Tiny {
    static final Shape QWEN3MOE = moe("tiny-qwen3moe", "qwen3moe", Shape.Attention.NORMED);
    static final Shape DENSE = new Shape(
            "tiny-qwen3",
            "tiny",
            "made up",
            "qwen3",
            Shape.Attention.NORMED,
            2,
            2,
            64,
            4,
            2,
            32,
            128,
            0,
            0,
            0,
            0,
            300,
            false,
            1e4f,
            1e-6f,
            2048,
            GgmlType.F32);

    static final Shape LATENT = new Shape(
            "tiny-deepseek2",
            "tiny",
            "made up",
            "deepseek2",
            Shape.Attention.LATENT,
            3,
            1,
            64,
            4,
            1,
            96,
            128,
            8,
            3,
            32,
            2,
            300,
            false,
            1e4f,
            1e-6f,
            2048,
            GgmlType.F32);

    private Tiny() {}

    /// Wide enough for blocks of 256.
    static Shape wide(GgmlType type) {
        return new Shape(
                "tiny-wide",
                "tiny",
                "made up",
                "qwen3moe",
                Shape.Attention.NORMED,
                2,
                0,
                512,
                4,
                2,
                128,
                512,
                8,
                3,
                256,
                0,
                300,
                false,
                1e4f,
                1e-6f,
                2048,
                type);
    }

    /// As deep as large models are.
    static Shape deep() {
        return new Shape(
                "tiny-deep",
                "tiny",
                "made up",
                "qwen3moe",
                Shape.Attention.NORMED,
                48,
                0,
                256,
                4,
                2,
                64,
                256,
                8,
                3,
                64,
                0,
                300,
                false,
                1e4f,
                1e-6f,
                2048,
                GgmlType.Q4_0);
    }

    static Shape moe(String name, String architecture, Shape.Attention attention) {
        return new Shape(
                name,
                "tiny",
                "made up",
                architecture,
                attention,
                2,
                0,
                64,
                4,
                2,
                32,
                32,
                8,
                3,
                32,
                0,
                300,
                false,
                1e4f,
                1e-6f,
                2048,
                GgmlType.F32);
    }

    /// The directory with the real libraries that the build fetched.
    static Path engine() {
        String arch = System.getProperty("os.arch").equals("aarch64") ? "linux-arm64" : "linux-x64";
        return Path.of("engine/node_modules/@node-llama-cpp", arch, "bins", arch)
                .toAbsolutePath();
    }

    static EngineLibraries libraries() {
        return EngineLibraries.find(engine());
    }

    static Path model(Path directory, Shape shape) {
        return new GeneratedModel(shape, shape.layersFull(), 7)
                .prepare(directory, 64, OptionalLong.empty(), (_, _) -> {});
    }

    static EngineRequest request(Path model, int tokens, Granularity granularity) {
        return new EngineRequest(model, tokens, 2, 16, 1, granularity, 42, 0);
    }

    /// What a run wrote, and how it ended.
    record Result(EngineOutcome outcome, List<EventBatch> batches, String log) {
        List<EventBatch> of(String table) {
            return batches.stream().filter(b -> b.table().name().equals(table)).toList();
        }

        /// Rows of a table as name=value texts per row, in the order in which they came.
        List<Map<String, Object>> rows(String table) {
            List<Map<String, Object>> rows = new ArrayList<>();
            for (EventBatch batch : of(table)) {
                for (int r = 0; r < batch.size(); r++) {
                    rows.add(row(batch, r));
                }
            }
            return rows;
        }

        private static Map<String, Object> row(EventBatch batch, int r) {
            Map<String, Object> row = new LinkedHashMap<>();
            for (int c = 0; c < batch.table().columns().size(); c++) {
                if (batch.isNull(c, r)) {
                    continue;
                }
                row.put(
                        batch.table().columns().get(c).name(),
                        switch (batch.table().columns().get(c).type()) {
                            case LONG, BOOLEAN -> batch.longs(c)[r];
                            case DOUBLE -> batch.doubles(c)[r];
                            case TEXT -> new String(batch.texts(c)[r], StandardCharsets.UTF_8);
                        });
            }
            return row;
        }
    }

    static Result run(Path directory, EngineRequest request, EngineListener listener) throws Exception {
        Path log = directory.resolve("engine.log");
        List<EventBatch> batches = new CopyOnWriteArrayList<>();
        try (EngineProcess process = EngineProcess.start(request, libraries(), log)) {
            EngineOutcome outcome = process.run(batches::add, listener);
            return new Result(outcome, batches, Files.readString(log));
        }
    }
}
