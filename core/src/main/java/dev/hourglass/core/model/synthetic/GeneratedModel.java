package dev.hourglass.core.model.synthetic;

import dev.hourglass.core.model.ModelException;
import dev.hourglass.core.model.gguf.GgmlType;
import dev.hourglass.core.model.gguf.GgufHeader;
import dev.hourglass.core.model.gguf.GgufTensor;
import dev.hourglass.core.model.gguf.GgufValue;
import dev.hourglass.core.model.gguf.GgufWriter;
import dev.hourglass.core.trace.TraceFormatException;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// A model file with random weights at a published shape.
///
/// Its times are those of the real model, layer for layer; its words are nonsense, and its routing
/// shows nothing of a trained router's preferences.
///
/// @param shape published dimensions
/// @param layers how many of the layers
/// @param quantization number format of the matrices
/// @param seed the same seed gives the same bytes
public record GeneratedModel(Shape shape, int layers, GgmlType quantization, long seed) {
    /// Key of the shape's name in files that were generated.
    public static final String SHAPE_KEY = "hourglass.shape";
    /// Key of the published model's number of layers.
    public static final String LAYERS_FULL_KEY = "hourglass.layers_full";
    /// Key of the matrices' number format.
    public static final String QUANTIZATION_KEY = "hourglass.quantization";
    /// Key of the seed.
    public static final String SEED_KEY = "hourglass.seed";

    /// Key of the way in which the weights were drawn.
    static final String REVISION_KEY = "hourglass.weights";

    /// Number formats in which weights can be drawn.
    public static final List<GgmlType> FORMATS = RandomWeights.SUPPORTED;

    private static final long DISK_RESERVE = 512L << 20;

    /// Hears how far writing has come.
    @FunctionalInterface
    public interface Progress {
        void written(long bytes, long total);
    }

    public GeneratedModel {
        if (layers < 1 || layers > shape.layersFull()) {
            throw new ModelException(
                    "layers must be between 1 and " + shape.layersFull() + " for " + shape.name() + ", not " + layers);
        }
        if (!RandomWeights.supports(quantization)) {
            throw new ModelException(
                    "cannot generate weights in " + quantization + "; use one of " + RandomWeights.SUPPORTED);
        }
    }

    public GeneratedModel(Shape shape, int layers, long seed) {
        this(shape, layers, shape.quantization(), seed);
    }

    /// Name of the file in the cache directory.
    public String fileName() {
        return shape.name() + "-" + layers + "of" + shape.layersFull() + "-" + quantization + "-seed" + seed + ".gguf";
    }

    /// Size of the file.
    public long fileBytes() {
        return GgufWriter.fileBytes(metadata(), tensors());
    }

    /// Makes the file, or takes the one that an earlier call made.
    ///
    /// @param directory of the cache; made if it is not there
    /// @param context tokens that will be cached, for the check that the model fits into memory
    /// @param availableBytes memory that the engine could get; empty where the machine does not tell
    /// @return the file
    /// @throws ModelException if memory or disk do not suffice, or the file cannot be written
    public Path prepare(Path directory, int context, OptionalLong availableBytes, Progress progress) {
        checkMemory(context, availableBytes);
        Path file = directory.resolve(fileName());
        try {
            if (isWhole(file)) {
                return file;
            }
            Files.createDirectories(directory);
            checkDisk(directory);
            write(file, progress);
            return file;
        } catch (IOException e) {
            throw new ModelException("cannot write the model " + file + ": " + e.getMessage(), e);
        }
    }

    private void write(Path file, Progress progress) throws IOException {
        Path unfinished = file.resolveSibling(
                file.getFileName() + "." + ProcessHandle.current().pid() + ".part");
        try {
            RandomWeights weights = new RandomWeights(seed, shape.layersFull(), fileBytes(), progress);
            GgufWriter.write(unfinished, metadata(), tensors(), weights);
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }

    private boolean isWhole(Path file) throws IOException {
        if (!Files.isRegularFile(file) || Files.size(file) != fileBytes()) {
            return false;
        }
        try {
            return GgufHeader.read(file).metadata().equals(metadata());
        } catch (TraceFormatException e) {
            return false;
        }
    }

    private void checkMemory(int context, OptionalLong available) {
        long needed = shape.memoryBytes(layers, quantization, context);
        if (available.isPresent() && needed > available.getAsLong()) {
            throw new ModelException(layers + " layers of " + shape.name() + " in " + quantization + " need "
                    + bytes(needed) + " of memory, but only " + bytes(available.getAsLong())
                    + " are available; use fewer --layers");
        }
    }

    private void checkDisk(Path directory) throws IOException {
        long needed = fileBytes() + DISK_RESERVE;
        long free = Files.getFileStore(directory).getUsableSpace();
        if (needed > free) {
            throw new ModelException("the model takes " + bytes(needed) + " on disk, but only " + bytes(free)
                    + " are free in " + directory + "; use fewer --layers or free some space");
        }
    }

    private static String bytes(long value) {
        return Format.value((double) value, Unit.BYTES);
    }

    private Map<String, GgufValue> metadata() {
        return ShapeTensors.metadata(shape, layers, quantization, seed);
    }

    private List<GgufTensor> tensors() {
        return shape.tensors(layers, quantization);
    }
}
