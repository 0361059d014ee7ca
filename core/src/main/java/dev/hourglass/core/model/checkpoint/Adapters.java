package dev.hourglass.core.model.checkpoint;

import dev.hourglass.core.model.ModelException;
import dev.hourglass.core.model.keys.Json;
import dev.hourglass.core.model.keys.Keys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Low-rank adapters: not a model, but what is laid over one.
final class Adapters {
    private static final String CONFIG = "adapter_config.json";
    private static final String WEIGHTS = "adapter_model.safetensors";

    private Adapters() {}

    /// @throws ModelException if the file belongs to an adapter
    static void refuse(Path file, String name) {
        if (name.equals(CONFIG) || name.equals(WEIGHTS)) {
            throw adapter(file, file.resolveSibling(CONFIG));
        }
    }

    /// @throws ModelException if a directory without a configuration holds an adapter
    static void refuse(Path directory) {
        Path config = directory.resolve(CONFIG);
        if (Files.isRegularFile(config)) {
            throw adapter(directory, config);
        }
    }

    private static ModelException adapter(Path given, Path config) {
        String base = Files.isRegularFile(config)
                ? Keys.of(config.toString(), Json.read(config))
                        .text("base_model_name_or_path")
                        .orElse("")
                : "";
        return new ModelException(given + ": an adapter" + (base.isEmpty() ? "" : " of " + base)
                + ", not a model; give the model that it is laid over");
    }

    /// What a reader must know of an adapter beside a configuration.
    static List<String> beside(Path config) {
        Path weights = config.resolveSibling(WEIGHTS);
        if (!Files.isRegularFile(weights)) {
            return List.of();
        }
        try {
            return List.of("An adapter of " + Files.size(weights) + " bytes lies beside it (" + WEIGHTS
                    + "); it is not counted among the weights.");
        } catch (IOException e) {
            throw new ModelException(weights + ": cannot be read: " + e.getMessage());
        }
    }
}
