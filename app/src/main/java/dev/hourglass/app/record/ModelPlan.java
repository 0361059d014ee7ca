package dev.hourglass.app.record;

import dev.hourglass.core.model.gguf.GgmlType;
import dev.hourglass.core.model.gguf.GgufHeader;
import dev.hourglass.core.model.synthetic.GeneratedModel;
import dev.hourglass.core.model.synthetic.Shape;
import dev.hourglass.core.store.RefusedException;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import dev.hourglass.device.host.MemoryLayers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Decides which model file a run uses and how it comes to be.
///
/// Where the number of layers is left to us: as many as keep the weights below 3.2 GB, which a small
/// machine writes, loads and measures in well under two minutes, and below half of the memory that is
/// available now.
final class ModelPlan {
    /// A small machine writes, loads and measures so much in well under two minutes.
    private static final double MOST_WEIGHT_BYTES = 3.2e9;
    /// Of the memory that is available now.
    private static final double MOST_OF_MEMORY_RATIO = 0.5;

    private final ProfileRequest request;
    private @Nullable GeneratedModel generated;
    private final Map<String, String> facts = new LinkedHashMap<>();

    ModelPlan(ProfileRequest request) {
        this.request = request;
    }

    /// What is known of the model before the engine has read it, for the table `metadata`.
    Map<String, String> facts() {
        return facts;
    }

    /// Refuses what cannot work, before anything takes time.
    void check() {
        switch (request.subject()) {
            case ProfileRequest.Subject.ModelFile given -> readHead(given.file());
            case ProfileRequest.Subject.Generated wanted -> generated(wanted);
        }
    }

    /// The file; made where it has to be generated and is not there yet.
    ///
    /// @param cache directory of generated models
    Path prepare(Path cache, RunProgress progress) {
        return switch (request.subject()) {
            case ProfileRequest.Subject.ModelFile given -> given.file();
            case ProfileRequest.Subject.Generated wanted -> {
                GeneratedModel model = generated(wanted);
                Shape shape = model.shape();
                progress.phase(
                        "Preparing " + model.layers() + " of " + shape.layersFull() + " layers of " + shape.name()
                                + " with random " + model.quantization() + " weights ("
                                + Format.value((double) model.fileBytes(), Unit.BYTES) + ")");
                yield model.prepare(
                        cache,
                        request.context() + 2 * (request.tokens() + request.warmup()),
                        MemoryLayers.read().availableBytes(),
                        progress::step);
            }
        };
    }

    private void readHead(Path file) {
        if (!Files.exists(file)) {
            throw new RefusedException("there is no file " + file);
        }
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new RefusedException(file + " is not a readable file; --model takes a GGUF file");
        }
        try {
            GgufHeader head = GgufHeader.read(file);
            if (head.text(GeneratedModel.SHAPE_KEY).isEmpty()) {
                facts.put("model.shape", String.valueOf(file.getFileName()));
            }
        } catch (IOException e) {
            throw new RefusedException("cannot read " + file + ": " + e.getMessage());
        }
        facts.put("model.source", "file " + file.toAbsolutePath().normalize());
    }

    /// Chosen once: the free memory that it depends on changes.
    private GeneratedModel generated(ProfileRequest.Subject.Generated wanted) {
        if (generated == null) {
            generated = choose(wanted);
        }
        return generated;
    }

    private GeneratedModel choose(ProfileRequest.Subject.Generated wanted) {
        Shape shape = wanted.shape();
        GgmlType format = wanted.quantization().orElse(shape.quantization());
        int layers = wanted.layers().orElseGet(() -> fitting(shape, format));
        facts.put(
                "model.source",
                "generated at the shape of " + shape.title() + " (" + shape.source() + ") with random weights, seed "
                        + request.seed());
        return new GeneratedModel(shape, layers, format, request.seed());
    }

    private int fitting(Shape shape, GgmlType format) {
        double memory = MemoryLayers.read().availableBytes().orElse(Long.MAX_VALUE) * MOST_OF_MEMORY_RATIO;
        int layers = 1;
        while (layers < shape.layersFull()
                && shape.weightBytes(layers + 1, format) <= MOST_WEIGHT_BYTES
                && shape.memoryBytes(layers + 1, format, request.context()) <= memory) {
            layers++;
        }
        return layers;
    }
}
