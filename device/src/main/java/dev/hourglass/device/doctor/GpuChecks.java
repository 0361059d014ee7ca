package dev.hourglass.device.doctor;

import dev.hourglass.device.ffi.posix.Posix;
import dev.hourglass.device.host.KernelFiles;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// NVIDIA's driver and tools, by presence alone: nothing is called in them.
final class GpuChecks {
    private GpuChecks() {}

    static List<Check> all(KernelFiles files) {
        return List.of(
                library("gpu.driver", "NVIDIA driver", "libcuda.so.1", "profiling on a GPU"),
                library(
                        "gpu.nvml",
                        "NVIDIA management library",
                        "libnvidia-ml.so.1",
                        "GPU clocks, power and utilisation"),
                counters(files),
                tool("nsys", "traces of GPU kernels and copies of any engine"),
                tool("ncu", "counters of single GPU kernels"),
                tool("perf", "comparing our counts with another tool's; not needed for a recording"));
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
