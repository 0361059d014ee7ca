package dev.hourglass.device.host;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;

/// One processor cache as sysfs describes it.
///
/// @param level 1, 2, …
/// @param type `Data`, `Instruction` or `Unified`
/// @param bytes its size
/// @param sharedBy list of the logical CPUs that share it, as the kernel prints it
record Cache(int level, String type, long bytes, String sharedBy) {

    static List<Cache> ofCore(KernelFiles files, int core) {
        Path dir = Cpuinfo.cpu(files, core).resolve("cache");
        List<Cache> caches = new ArrayList<>();
        for (String index : files.names(dir)) {
            Path cache = dir.resolve(index);
            long bytes = files.text(cache.resolve("size")).map(Cache::bytes).orElse(0L);
            OptionalLong level = files.number(cache.resolve("level"));
            if (bytes > 0 && level.isPresent()) {
                caches.add(new Cache(
                        (int) level.getAsLong(),
                        files.text(cache.resolve("type")).orElse("Unified"),
                        bytes,
                        files.text(cache.resolve("shared_cpu_list")).orElse("")));
            }
        }
        return caches;
    }

    /// Bytes of all last-level caches together; empty where the kernel does not tell.
    static OptionalLong lastLevelTotal(KernelFiles files, Collection<Integer> cores) {
        Set<String> seen = new HashSet<>();
        long total = 0;
        for (int core : cores) {
            Cache last = ofCore(files, core).stream()
                    .filter(cache -> !cache.type.equals("Instruction"))
                    .max((a, b) -> Integer.compare(a.level, b.level))
                    .orElse(new Cache(0, "", 0, "none"));
            if (seen.add(last.sharedBy)) {
                total += last.bytes;
            }
        }
        return total == 0 ? OptionalLong.empty() : OptionalLong.of(total);
    }

    /// Bytes of a size such as `512K`.
    private static long bytes(String size) {
        String upper = size.strip().toUpperCase(Locale.ROOT);
        long scale = upper.endsWith("K") ? 1 << 10 : upper.endsWith("M") ? 1 << 20 : upper.endsWith("G") ? 1 << 30 : 1;
        return KernelFiles.parse(scale == 1 ? upper : upper.substring(0, upper.length() - 1))
                        .orElse(0)
                * scale;
    }
}
