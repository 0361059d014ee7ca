package dev.hourglass.app.record;

import java.io.File;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The variables that let Python processes load the probe, and tell it what to record and where.
public final class ProbeEnvironment {
    /// The probe's name among the plugins of an engine.
    private static final String PLUGIN = "hourglass";

    private static final String PYTHON_PATH = "PYTHONPATH";
    private static final String PLUGINS = "VLLM_PLUGINS";

    private ProbeEnvironment() {}

    /// What the probe is told.
    ///
    /// @param enable profilers to switch on beside the usual ones, separated by commas; empty for none
    /// @param disable profilers to switch off; empty for none
    /// @param verbose whether it says on standard error what it does
    /// @param gpuTimeline what of the GPU's timeline it records, for example `always`; empty for nothing
    /// @param torchProfile which steps PyTorch's profiler records, for example `steps=20,after=100`; empty for none
    public record Wishes(String enable, String disable, boolean verbose, String gpuTimeline, String torchProfile) {
        /// The usual.
        public static final Wishes USUAL = new Wishes("", "", false);

        /// Without anything of a GPU.
        public Wishes(String enable, String disable, boolean verbose) {
            this(enable, disable, verbose, "", "");
        }
    }

    /// @param probe directory of the probe
    /// @param records directory that takes what the processes write down
    /// @param present the variables that the command would have without a probe
    /// @return those to set, beside or instead of them
    public static Map<String, String> of(Path probe, Path records, Wishes wishes, Map<String, String> present) {
        Map<String, String> set = new LinkedHashMap<>();
        set.put("HOURGLASS_DIR", records.toAbsolutePath().toString());
        set.put(PYTHON_PATH, joined(File.pathSeparator, probe.toAbsolutePath().toString(), present.get(PYTHON_PATH)));
        // An engine that is told its plugins loads no other.
        if (present.containsKey(PLUGINS)) {
            set.put(PLUGINS, joined(",", String.valueOf(present.get(PLUGINS)), PLUGIN));
        }
        Stream.of(
                        Map.entry("HOURGLASS_ENABLE", wishes.enable),
                        Map.entry("HOURGLASS_DISABLE", wishes.disable),
                        Map.entry("HOURGLASS_VERBOSE", wishes.verbose ? "1" : ""),
                        Map.entry("HOURGLASS_GPU", wishes.gpuTimeline),
                        Map.entry("HOURGLASS_TORCH_PROFILE", wishes.torchProfile))
                .filter(variable -> !variable.getValue().isEmpty())
                .forEach(variable -> set.put(variable.getKey(), variable.getValue()));
        return set;
    }

    private static String joined(String separator, @Nullable String... parts) {
        return Stream.of(parts).filter(part -> part != null && !part.isEmpty()).collect(Collectors.joining(separator));
    }
}
