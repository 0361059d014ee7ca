package dev.hourglass.device.llama;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/// How much memory new work could get on this host.
public final class HostMemory {
    private HostMemory() {}

    /// Bytes available without swapping, the limit of this process's control group included; empty
    /// where the kernel does not tell.
    public static OptionalLong available() {
        OptionalLong host = meminfo();
        OptionalLong limit = groupLimit();
        if (host.isEmpty() || limit.isEmpty()) {
            return host;
        }
        return OptionalLong.of(Math.min(host.getAsLong(), limit.getAsLong()));
    }

    private static OptionalLong meminfo() {
        try {
            return Files.readAllLines(Path.of("/proc/meminfo")).stream()
                    .filter(line -> line.startsWith("MemAvailable:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst();
        } catch (IOException | NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    private static OptionalLong groupLimit() {
        try {
            Path group = Path.of("/sys/fs/cgroup");
            long max =
                    Long.parseLong(Files.readString(group.resolve("memory.max")).strip());
            long used = Long.parseLong(
                    Files.readString(group.resolve("memory.current")).strip());
            return OptionalLong.of(Math.max(0, max - used));
        } catch (IOException | NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
