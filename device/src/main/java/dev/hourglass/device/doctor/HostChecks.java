package dev.hourglass.device.doctor;

import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import dev.hourglass.device.collect.ThreadCollector;
import dev.hourglass.device.host.ControlGroup;
import dev.hourglass.device.host.HostInfo;
import dev.hourglass.device.host.KernelFiles;
import dev.hourglass.device.host.MemoryLayers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// Memory, disk, limits, and the kernel's accounting.
final class HostChecks {
    /// Below this a generated model has to be a small one.
    private static final long LITTLE_MEMORY_BYTES = 4L << 30;
    /// Below this a generated model may not fit.
    private static final long LITTLE_DISK_BYTES = 2L << 30;

    private HostChecks() {}

    static List<Check> all(KernelFiles files, Path output) {
        return List.of(memory(files), disk(output), group(files), hugePages(files), threads(files));
    }

    private static Check memory(KernelFiles files) {
        String use = "models of true size, and a buffer larger than the caches for the bandwidth ceiling";
        OptionalLong bytes = MemoryLayers.read(files).availableBytes();
        if (bytes.isEmpty()) {
            return Check.unavailable(
                    "memory", "memory", "the kernel does not tell how much is free", use, Optional.empty());
        }
        String detail = Format.value((double) bytes.getAsLong(), Unit.BYTES) + " available";
        return bytes.getAsLong() >= LITTLE_MEMORY_BYTES
                ? Check.ok("memory", "memory", detail, use)
                : Check.limited("memory", "memory", detail, use, Optional.of("use fewer --layers"));
    }

    private static Check disk(Path output) {
        String use = "the session's directory and generated models";
        Optional<Path> existing = Optional.of(output.toAbsolutePath());
        while (existing.isPresent() && !Files.exists(existing.orElseThrow())) {
            existing = existing.map(Path::getParent);
        }
        Path place = existing.orElse(Path.of("/"));
        try {
            long free = Files.getFileStore(place).getUsableSpace();
            String detail = Format.value((double) free, Unit.BYTES) + " free below " + place;
            if (!Files.isWritable(place)) {
                return Check.unavailable("disk", "disk", place + " is not writable", use, Optional.of("use -o DIR"));
            }
            return free >= LITTLE_DISK_BYTES
                    ? Check.ok("disk", "disk", detail, use)
                    : Check.limited("disk", "disk", detail, use, Optional.of("use -o DIR on a larger disk"));
        } catch (IOException unreadable) {
            return Check.unavailable("disk", "disk", place + " cannot be examined", use, Optional.of("use -o DIR"));
        }
    }

    private static Check group(KernelFiles files) {
        String use = "all cores and memory of the machine; a limit shows as waiting";
        ControlGroup group = ControlGroup.of(files, ProcessHandle.current().pid());
        boolean free = group.cpus().isEmpty() && group.memoryBytes().isEmpty();
        String cpus = group.cpus().isPresent() ? group.cpus().getAsDouble() + " CPUs" : "no CPU limit";
        String memory = group.memoryBytes().isPresent()
                ? Format.value((double) group.memoryBytes().getAsLong(), Unit.BYTES) + " of memory"
                : "no memory limit";
        String detail = free ? "no limits" : cpus + ", " + memory;
        return free
                ? Check.ok("cgroup", "control group", detail, use)
                : Check.limited("cgroup", "control group", detail, use, Optional.of("raise the container's limits"));
    }

    private static Check hugePages(KernelFiles files) {
        String use = "a bandwidth ceiling without the cost of small pages";
        Optional<String> mode = HostInfo.chosen(files, "kernel/mm/transparent_hugepage/enabled");
        if (mode.isEmpty()) {
            return Check.unavailable("thp", "transparent huge pages", "the kernel has none", use, Optional.empty());
        }
        return mode.orElseThrow().equals("never")
                ? Check.limited(
                        "thp",
                        "transparent huge pages",
                        "never",
                        use,
                        Optional.of("echo madvise > /sys/kernel/mm/transparent_hugepage/enabled"))
                : Check.ok("thp", "transparent huge pages", mode.orElseThrow(), use);
    }

    private static Check threads(KernelFiles files) {
        String use = "time that threads run and wait for a CPU, and with it contention";
        try (ThreadCollector collector =
                new ThreadCollector(files, () -> Set.of(ProcessHandle.current().pid()), System::nanoTime)) {
            return collector
                    .unavailable()
                    .map(why -> Check.unavailable("schedstat", "thread accounting", why, use, Optional.empty()))
                    .orElseGet(() -> Check.ok("schedstat", "thread accounting", "nanoseconds, per thread", use));
        }
    }
}
