package dev.hourglass.device.host;

import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/// Caches and memory as a bandwidth measurement needs them, in bytes.
///
/// @param caches of the first CPU, data and unified, smallest level first
/// @param lastLevelTotalBytes all last-level caches together; empty where the kernel does not tell
/// @param availableBytes memory that new work could get without swapping, within the control group's limit
public record MemoryLayers(List<Layer> caches, OptionalLong lastLevelTotalBytes, OptionalLong availableBytes) {

    /// @param level 1, 2, …
    /// @param bytes size of one
    /// @param sharedBy logical CPUs that share one
    public record Layer(int level, long bytes, int sharedBy) {}

    public static MemoryLayers read() {
        return read(KernelFiles.system());
    }

    public static MemoryLayers read(KernelFiles files) {
        Set<Integer> online = HostInfo.online(files);
        int cpu = online.isEmpty() ? 0 : online.iterator().next();
        List<Layer> caches = Cache.ofCore(files, cpu).stream()
                .filter(cache -> !cache.type().equals("Instruction"))
                .map(cache -> new Layer(
                        cache.level(),
                        cache.bytes(),
                        Math.max(1, KernelFiles.cpuList(cache.sharedBy()).size())))
                .sorted(Comparator.comparingInt(Layer::level))
                .toList();
        return new MemoryLayers(caches, Cache.lastLevelTotal(files, online), available(files));
    }

    private static OptionalLong available(KernelFiles files) {
        OptionalLong free = HostInfo.kibibytes(files.lines(files.proc().resolve("meminfo")), "MemAvailable");
        OptionalLong left =
                ControlGroup.of(files, ProcessHandle.current().pid()).memoryLeftBytes();
        return free.isPresent() && left.isPresent()
                ? OptionalLong.of(Math.min(free.getAsLong(), left.getAsLong()))
                : free.isPresent() ? free : left;
    }

    /// What each of `threads` has of the last-level cache that they share; 0 where it is not known.
    public long lastLevelShareBytes(int threads) {
        if (caches.isEmpty()) {
            return 0;
        }
        Layer last = caches.getLast();
        return last.bytes / Math.max(1, Math.min(threads, last.sharedBy));
    }

    /// Size of the cache below the last level; 0 where there is none.
    public long belowLastLevelBytes() {
        return caches.size() < 2 ? 0 : caches.get(caches.size() - 2).bytes;
    }
}
