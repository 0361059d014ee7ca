package dev.hourglass.device.llama;

import dev.hourglass.device.ffi.llama.Offload;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/// Where a model's layers and experts are computed.
///
/// @param gpu which GPU, as the driver counts
/// @param gpuLayers how many layers go there, counted from the last; all where empty
/// @param experts where experts are
/// @param expertLayersOnGpu layers whose experts are on the GPU though those of others are not
public record Placement(int gpu, OptionalInt gpuLayers, Experts experts, Set<Integer> expertLayersOnGpu) {
    private static final int ALL_LAYERS = 999;

    /// Names of the matrices of experts.
    private static final String EXPERTS = "exps";

    /// Where experts are.
    public enum Experts {
        /// In the GPU's memory, and computed there.
        GPU("gpu"),
        /// In the model's file, mapped; computed on the CPU.
        CPU("cpu"),
        /// In pinned memory, from which long prompts fetch them fast; computed on the CPU.
        CPU_PINNED("cpu-pinned"),
        /// Laid out for the CPU's vector units: fastest on the CPU, but prompts cannot fetch them.
        CPU_REPACKED("cpu-repacked"),
        /// In pinned memory, fetched over PCIe whenever one is needed; computed on the GPU.
        FETCH("fetch");

        private final String word;

        Experts(String word) {
            this.word = word;
        }

        /// As it is typed.
        public String word() {
            return word;
        }
    }

    public Placement {
        expertLayersOnGpu = Set.copyOf(expertLayersOnGpu);
    }

    /// Everything on one GPU.
    public static Placement onGpu(int gpu) {
        return new Placement(gpu, OptionalInt.empty(), Experts.GPU, Set.of());
    }

    /// Whether anything but the token's embedding is computed on the CPU.
    boolean computesOnCpu() {
        return gpuLayers.isPresent() || (experts != Experts.GPU && experts != Experts.FETCH);
    }

    /// @param layers of the model
    Offload offload(int layers) {
        return new Offload(gpuLayers.orElse(ALL_LAYERS), true, patterns(layers), memory());
    }

    private List<String> patterns(int layers) {
        if (experts == Experts.GPU) {
            return List.of();
        }
        if (expertLayersOnGpu.isEmpty()) {
            return List.of(EXPERTS);
        }
        List<String> onCpu = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            if (!expertLayersOnGpu.contains(layer)) {
                onCpu.add(String.valueOf(layer));
            }
        }
        return onCpu.isEmpty() ? List.of() : List.of("blk\\.(" + String.join("|", onCpu) + ")\\.ffn_.*" + EXPERTS);
    }

    private Offload.Memory memory() {
        return switch (experts) {
            case GPU, CPU -> Offload.Memory.MAPPED;
            case CPU_PINNED, FETCH -> Offload.Memory.PINNED;
            case CPU_REPACKED -> Offload.Memory.REPACKED;
        };
    }

    /// What the engine's process needs in its environment.
    ///
    /// @param visible what the recorder's own says of visible GPUs; empty where it says nothing
    Map<String, String> environment(String visible) {
        String device = device(visible);
        return experts == Experts.FETCH
                ? Map.of("CUDA_VISIBLE_DEVICES", device, "GGML_OP_OFFLOAD_MIN_BATCH", "1")
                : Map.of("CUDA_VISIBLE_DEVICES", device);
    }

    private String device(String visible) {
        String[] known = visible.isBlank() ? new String[0] : visible.split(",", -1);
        return gpu < known.length ? known[gpu].strip() : String.valueOf(gpu);
    }

    /// For people and for comparisons.
    public String described() {
        String layers = gpuLayers.isPresent() ? gpuLayers.getAsInt() + " layers on the GPU" : "all layers on the GPU";
        String some = expertLayersOnGpu.isEmpty()
                ? ""
                : ", those of layers " + new TreeSet<>(expertLayersOnGpu) + " on the GPU";
        return layers
                + switch (experts) {
                    case GPU -> ", with their experts";
                    case CPU -> ", experts on the CPU (mapped file)" + some;
                    case CPU_PINNED -> ", experts on the CPU (pinned memory)" + some;
                    case CPU_REPACKED -> ", experts on the CPU (repacked)" + some;
                    case FETCH -> ", experts fetched over PCIe when they are needed" + some;
                };
    }

    String text() {
        return gpu + ";" + (gpuLayers.isPresent() ? gpuLayers.getAsInt() : "") + ";" + experts.name() + ";"
                + String.join(
                        ",",
                        expertLayersOnGpu.stream().sorted().map(String::valueOf).toList());
    }

    static Placement parse(String text) {
        String[] part = text.split(";", -1);
        Set<Integer> layers = new TreeSet<>();
        for (String layer : part[3].split(",", -1)) {
            if (!layer.isEmpty()) {
                layers.add(Integer.valueOf(layer));
            }
        }
        return new Placement(
                Integer.parseInt(part[0]),
                part[1].isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(part[1])),
                Experts.valueOf(part[2]),
                layers);
    }
}
