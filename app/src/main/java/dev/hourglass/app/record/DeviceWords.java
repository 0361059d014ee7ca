package dev.hourglass.app.record;

import dev.hourglass.app.record.ProfileRequest.DeviceChoice;
import dev.hourglass.app.record.ProfileRequest.DeviceChoice.Where;
import dev.hourglass.core.store.RefusedException;
import dev.hourglass.core.text.Escape;
import dev.hourglass.core.text.Nearest;
import dev.hourglass.device.llama.CudaEngine;
import dev.hourglass.device.llama.Placement.Experts;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the words of a command line say of devices, and what this machine makes of it.
public final class DeviceWords {
    private static final Pattern INDEX = Pattern.compile("gpu:(\\d{1,3})");
    private static final Pattern RANGE = Pattern.compile("(\\d{1,4})(?:-(\\d{1,4}))?");
    private static final List<String> WORDS = List.of("auto", "cpu", "gpu", "gpu:0", "hybrid");

    private DeviceWords() {}

    /// @param device auto, cpu, gpu, gpu:N or hybrid
    /// @param experts as [Experts#word]; empty where nothing is said
    /// @param layers numbers and ranges of layers, separated by commas; empty for none
    /// @throws RefusedException if they do not say one thing
    public static DeviceChoice read(
            String device, OptionalInt gpuLayers, String experts, String layers, boolean rawKept) {
        Matcher index = INDEX.matcher(device);
        boolean numbered = index.matches();
        Where where = numbered ? Where.GPU : where(device);
        Optional<Experts> by = experts.isEmpty() ? Optional.empty() : Optional.of(experts(experts));
        if (where == Where.CPU && (by.isPresent() || gpuLayers.isPresent() || !layers.isEmpty())) {
            throw new RefusedException(
                    "--experts, --gpu-layers and --experts-on-gpu place a model on a GPU; --device cpu"
                            + " uses none: leave one side out");
        }
        return new DeviceChoice(
                where, numbered ? Integer.parseInt(index.group(1)) : 0, gpuLayers, by, layers(layers), rawKept);
    }

    private static Where where(String word) {
        return switch (word) {
            case "auto" -> Where.AUTO;
            case "cpu" -> Where.CPU;
            case "gpu" -> Where.GPU;
            case "hybrid" -> Where.HYBRID;
            default -> throw unknown("--device", word, WORDS, "auto, cpu, gpu, gpu:N, hybrid");
        };
    }

    private static Experts experts(String word) {
        List<String> words = Arrays.stream(Experts.values()).map(Experts::word).toList();
        return Arrays.stream(Experts.values())
                .filter(e -> e.word().equals(word))
                .findFirst()
                .orElseThrow(() -> unknown("--experts", word, words, String.join(", ", words)));
    }

    private static RefusedException unknown(String option, String word, List<String> near, String all) {
        return new RefusedException(
                option + " knows no " + Escape.plain(word) + Nearest.hint(word, near) + "; there are " + all);
    }

    private static Set<Integer> layers(String text) {
        Set<Integer> layers = new TreeSet<>();
        for (String part : text.split(",", -1)) {
            Matcher range = RANGE.matcher(part.strip());
            if (range.matches()) {
                int from = Integer.parseInt(range.group(1));
                int to = range.group(2) == null ? from : Integer.parseInt(range.group(2));
                for (int layer = from; layer <= to; layer++) {
                    layers.add(layer);
                }
            } else if (!part.isBlank()) {
                throw new RefusedException("--experts-on-gpu takes layers such as 0-11,24, not " + Escape.plain(part));
            }
        }
        return layers;
    }

    /// A GPU and an engine for it; empty where the CPU is to compute.
    ///
    /// @param engine directory of the engine's libraries
    /// @param progress is told why a GPU that is there is not used
    /// @throws RefusedException if a GPU is asked for and something is missing
    public static Optional<DeviceRecorder.Engine> engine(
            DeviceChoice choice, Path engine, Path translated, Map<String, String> environment, RunProgress progress) {
        if (choice.where() == Where.CPU) {
            return Optional.empty();
        }
        CudaEngine found =
                CudaEngine.find(engine, CudaEngine.places(environment), CudaEngine.device(choice.gpu(), environment));
        return decide(choice, found, translated, progress);
    }

    static Optional<DeviceRecorder.Engine> decide(
            DeviceChoice choice, CudaEngine found, Path translated, RunProgress progress) {
        return switch (found) {
            case CudaEngine.Found engine -> Optional.of(new DeviceRecorder.Engine(engine, translated));
            case CudaEngine.Absent absent
            when isAsked(choice) -> throw new RefusedException(absent.lack().line());
            case CudaEngine.Absent absent -> {
                absent.gpu()
                        .ifPresent(gpu -> progress.warn(
                                gpu.name() + " is not used: " + absent.lack().line()));
                yield Optional.empty();
            }
        };
    }

    private static boolean isAsked(DeviceChoice choice) {
        return choice.where() != Where.AUTO
                || choice.experts().isPresent()
                || choice.gpuLayers().isPresent()
                || !choice.expertLayersOnGpu().isEmpty();
    }
}
