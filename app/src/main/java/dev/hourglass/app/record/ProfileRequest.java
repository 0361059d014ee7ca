package dev.hourglass.app.record;

import dev.hourglass.core.model.gguf.GgmlType;
import dev.hourglass.core.model.synthetic.Shape;
import dev.hourglass.device.llama.Granularity;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/// What a person asks a profiling run to do. What is empty is chosen from the machine.
///
/// @param subject what is run
/// @param tokens profiled decode steps
/// @param warmup decode steps before them
/// @param context tokens in the KV cache when the first of them begins
/// @param threads compute threads of the engine
/// @param granularity how finely steps are timed
/// @param seed of generated weights, of the prompt and of sampling
/// @param command the command line, as it stands in the session
public record ProfileRequest(
        Subject subject,
        int tokens,
        int warmup,
        int context,
        OptionalInt threads,
        Granularity granularity,
        long seed,
        String command) {

    /// The model of a run.
    public sealed interface Subject {
        /// Random weights at a published shape.
        ///
        /// @param layers how many of the shape's layers
        /// @param quantization number format of the matrices; the shape's own where empty
        record Generated(Shape shape, OptionalInt layers, Optional<GgmlType> quantization) implements Subject {}

        /// A GGUF file.
        record ModelFile(Path file) implements Subject {}
    }
}
