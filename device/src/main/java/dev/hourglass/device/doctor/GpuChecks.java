package dev.hourglass.device.doctor;

import dev.hourglass.device.collect.GpuSampling;
import dev.hourglass.device.ffi.posix.Posix;
import dev.hourglass.device.host.KernelFiles;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// NVIDIA's driver and tools. The management library is asked what it tells of each GPU; the others are known by their
/// presence alone.
final class GpuChecks {
    private static final String NVML = "gpu.nvml";
    private static final String NVML_NAME = "GPU sampling (NVML)";
    private static final String NVML_USE = "power, clocks, why they are held back, temperature, memory of the GPUs";
    private static final String GPM = "gpu.gpm";
    private static final String GPM_NAME = "GPU units (GPM)";
    private static final String GPM_USE = "how busy SMs, tensor cores, memory, PCIe and NVLink are while an engine runs";

    private GpuChecks() {}

    static List<Check> all(KernelFiles files) {
        List<Check> checks = new ArrayList<>();
        checks.add(library("gpu.driver", "NVIDIA driver", "libcuda.so.1", "profiling on a GPU"));
        try (GpuSampling sampling = GpuSampling.open(GpuSampling.Wishes.usual(), Set::of)) {
            checks.addAll(sampled(sampling));
        }
        checks.add(counters(files));
        checks.add(tool("nsys", "traces of GPU kernels and copies of any engine"));
        checks.add(tool("ncu", "counters of single GPU kernels"));
        checks.add(tool("perf", "comparing our counts with another tool's; not needed for a recording"));
        return List.copyOf(checks);
    }

    /// What can be sampled of the GPUs, by NVML and by GPM.
    static List<Check> sampled(GpuSampling sampling) {
        Optional<String> why = sampling.unavailable();
        if (why.isPresent()) {
            return List.of(
                    Check.unavailable(NVML, NVML_NAME, why.get(), NVML_USE, sampling.remedy()),
                    Check.unavailable(GPM, GPM_NAME, "there is no NVML", GPM_USE, Optional.empty()));
        }
        return List.of(nvml(sampling), gpm(sampling));
    }

    private static Check nvml(GpuSampling sampling) {
        List<String> refused = sampling.refused();
        String found = sampling.summary();
        return refused.isEmpty()
                ? Check.ok(NVML, NVML_NAME, found, NVML_USE)
                : Check.limited(
                        NVML,
                        NVML_NAME,
                        found + "; not told: " + String.join(", ", refused),
                        NVML_USE,
                        Optional.of("nothing here: a GPU, a virtual GPU or an older driver that has no such sensor"));
    }

    private static Check gpm(GpuSampling sampling) {
        Map<String, String> without = sampling.withoutGpm();
        if (without.isEmpty()) {
            return Check.ok(GPM, GPM_NAME, "of " + String.join(", ", sampling.labels()), GPM_USE);
        }
        String detail = without.entrySet().stream()
                .map(gpu -> gpu.getKey() + ": " + gpu.getValue())
                .collect(Collectors.joining("; "));
        Optional<String> instead = Optional.of("on such a GPU NVML tells utilisation and PCIe traffic; for its units"
                + " profile kernels with ncu, or sample with nsys --gpu-metrics-devices=all");
        return without.size() < sampling.labels().size()
                ? Check.limited(GPM, GPM_NAME, detail, GPM_USE, instead)
                : Check.unavailable(GPM, GPM_NAME, detail, GPM_USE, instead);
    }

    private static Check library(String id, String name, String library, String use) {
        return Posix.loads(library)
                ? Check.ok(id, name, library + " loads", use)
                : Check.unavailable(
                        id,
                        name,
                        library + " is not installed",
                        use,
                        Optional.of("install NVIDIA's driver on a machine with a GPU"));
    }

    private static Check counters(KernelFiles files) {
        String use = "counters of the GPU's units";
        Optional<String> restricted = files.field(files.proc().resolve("driver/nvidia/params"), "RmProfilingAdminOnly");
        if (restricted.isEmpty()) {
            return Check.unavailable(
                    "gpu.counters", "GPU counters", "there is no NVIDIA kernel module", use, Optional.empty());
        }
        return restricted.orElseThrow().equals("0")
                ? Check.ok("gpu.counters", "GPU counters", "open to all users", use)
                : Check.limited(
                        "gpu.counters",
                        "GPU counters",
                        "open to administrators only",
                        use,
                        Optional.of("load the kernel module with NVreg_RestrictProfilingToAdminUsers=0"));
    }

    private static Check tool(String name, String use) {
        return onPath(System.getenv(), name)
                .map(path -> Check.ok("tool." + name, name, path.toString(), use))
                .orElseGet(() -> Check.unavailable(
                        "tool." + name, name, "not on the PATH", use, Optional.of("install " + name)));
    }

    static Optional<Path> onPath(Map<String, String> environment, String name) {
        return Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .filter(directory -> !directory.isEmpty())
                .flatMap(directory -> program(directory, name).stream())
                .findFirst();
    }

    private static Optional<Path> program(String directory, String name) {
        try {
            Path file = Path.of(directory).resolve(name);
            return Files.isRegularFile(file) && Files.isExecutable(file) ? Optional.of(file) : Optional.empty();
        } catch (InvalidPathException odd) {
            return Optional.empty();
        }
    }
}
