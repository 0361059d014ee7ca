package dev.hourglass.device.host;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// `/proc/cpuinfo`, which each architecture writes in its own way.
///
/// @param model name of the processor as the kernel prints it; empty on most Arm machines
/// @param vendor `AuthenticAMD`, `GenuineIntel`, an Arm implementer code, or empty
/// @param family CPU family number as printed, empty where there is none
/// @param flags instruction-set flags
/// @param mhz `cpu MHz` by logical CPU
public record Cpuinfo(String model, String vendor, String family, Set<String> flags, Map<Integer, Double> mhz) {

    public static Cpuinfo read(KernelFiles files) {
        List<String> lines = files.lines(files.proc().resolve("cpuinfo"));
        return new Cpuinfo(
                first(lines, "model name"),
                first(lines, "vendor_id", "CPU implementer"),
                first(lines, "cpu family"),
                Set.of(distinct(first(lines, "flags", "Features"))),
                clocks(lines));
    }

    /// Whether the machine has the counters from which the kernel computes the real clock. Without
    /// them `cpu MHz` is a constant.
    public boolean measuresClock() {
        return flags.contains("aperfmperf") && !mhz.isEmpty();
    }

    public boolean guest() {
        return flags.contains("hypervisor");
    }

    public static Path cpufreq(KernelFiles files, int core) {
        return cpu(files, core).resolve("cpufreq");
    }

    static Path cpu(KernelFiles files, int core) {
        return files.sys().resolve("devices/system/cpu/cpu" + core);
    }

    private static String[] distinct(String words) {
        return Arrays.stream(words.split("\\s+", -1))
                .filter(w -> !w.isEmpty())
                .distinct()
                .toArray(String[]::new);
    }

    private static String first(List<String> lines, String... keys) {
        for (String key : keys) {
            Optional<String> value = KernelFiles.field(lines, key);
            if (value.isPresent()) {
                return value.orElseThrow();
            }
        }
        return "";
    }

    private static Map<Integer, Double> clocks(List<String> lines) {
        Map<Integer, Double> mhz = new TreeMap<>();
        List<String> block = new ArrayList<>();
        for (String line : lines) {
            if (line.isBlank()) {
                block.clear();
                continue;
            }
            block.add(line);
            if (line.startsWith("cpu MHz")) {
                addClock(block, line, mhz);
            }
        }
        return mhz;
    }

    private static void addClock(List<String> block, String line, Map<Integer, Double> mhz) {
        String value = line.substring(line.indexOf(':') + 1).strip();
        KernelFiles.field(block, "processor").map(KernelFiles::parse).ifPresent(core -> {
            try {
                mhz.put((int) core.orElseThrow(), Double.parseDouble(value));
            } catch (NumberFormatException | NoSuchElementException odd) {
                // a clock that is not a number is not known
            }
        });
    }
}
