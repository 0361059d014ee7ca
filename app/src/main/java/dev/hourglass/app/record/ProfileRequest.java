package dev.hourglass.app.record;

import dev.hourglass.core.model.gguf.GgmlType;
import dev.hourglass.core.model.synthetic.Shape;
import dev.hourglass.device.llama.Granularity;
import dev.hourglass.device.llama.Placement;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

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
/// @param device where it is run
public record ProfileRequest(
        Subject subject,
        int tokens,
        int warmup,
        int context,
        OptionalInt threads,
        Granularity granularity,
        long seed,
        String command,
        DeviceChoice device) {

    /// Which device computes.
    ///
    /// @param where as asked
    /// @param gpu which GPU
    /// @param gpuLayers how many layers go there; all, or as many as fit, where empty
    /// @param experts where experts are; as the device says where empty
    /// @param expertLayersOnGpu layers whose experts are on the GPU though those of others are not
    /// @param rawKept whether what CUPTI recorded is kept as it came
    public record DeviceChoice(
            Where where,
            int gpu,
            OptionalInt gpuLayers,
            Optional<Placement.Experts> experts,
            Set<Integer> expertLayersOnGpu,
            boolean rawKept) {
        /// As it is without options.
        public static final DeviceChoice AUTO =
                new DeviceChoice(Where.AUTO, 0, OptionalInt.empty(), Optional.empty(), Set.of(), false);

        public DeviceChoice {
            expertLayersOnGpu = Set.copyOf(expertLayersOnGpu);
        }

        /// Kinds of devices.
        public enum Where {
            /// A GPU if there is one and an engine for it, else the CPU.
            AUTO,
            CPU,
            GPU,
            /// The GPU, with experts on the CPU.
            HYBRID
        }
    }

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
