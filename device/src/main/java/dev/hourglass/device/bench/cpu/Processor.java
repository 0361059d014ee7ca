package dev.hourglass.device.bench.cpu;

import dev.hourglass.device.host.Cpuinfo;
import dev.hourglass.device.host.HostInfo;
import dev.hourglass.device.host.KernelFiles;
import dev.hourglass.device.host.MemoryLayers;
import java.util.Map;
import java.util.Set;

/// What of the processor decides which programs run on it.
///
/// @param name as the kernel prints it
/// @param flags its instruction sets
/// @param threads that run at a time, within the limit of the control group
/// @param memory caches and what is free
/// @param kernel version of the operating system's kernel
/// @param clockLimits what bounds the clock, as far as the kernel tells
record Processor(String name, Set<String> flags, int threads, MemoryLayers memory, String kernel, String clockLimits) {
    private static final String X86 = "amd64";

    static Processor read() {
        Map<String, String> facts = HostInfo.read().facts();
        return new Processor(
                facts.getOrDefault("host.cpu", "processor"),
                Cpuinfo.read(KernelFiles.system()).flags(),
                Runtime.getRuntime().availableProcessors(),
                MemoryLayers.read(),
                facts.getOrDefault("host.kernel", ""),
                clockLimits(facts));
    }

    private static String clockLimits(Map<String, String> facts) {
        String most = facts.get("host.cpu_max_mhz");
        return (most == null ? "limits of the clock not told" : "clock up to " + most + " MHz")
                + ", governor "
                + facts.getOrDefault("host.governor", "not told");
    }

    /// Bytes of its vectors, of which it multiplies and adds floats; 0 where no program of ours runs on it.
    int vectorBytes() {
        if (!System.getProperty("os.arch", "").equals(X86)) {
            return 0;
        }
        return flags.contains("avx512f")
                ? Programs.LONG_VECTOR
                : flags.contains("avx2") && flags.contains("fma") ? Programs.SHORT_VECTOR : 0;
    }

    /// Whether it sums products of bytes by one instruction in vectors of that size.
    boolean dotsBytes() {
        return flags.contains(vectorBytes() == Programs.LONG_VECTOR ? "avx512_vnni" : "avx_vnni");
    }

    boolean dotsBfloats() {
        return flags.contains("avx512_bf16");
    }

    boolean tiles(boolean bytes) {
        return flags.contains("amx_tile") && flags.contains(bytes ? "amx_int8" : "amx_bf16");
    }

    /// Bytes of one cache of a level; 0 where there is none.
    long cache(int level) {
        return memory.caches().stream()
                .filter(c -> c.level() == level)
                .mapToLong(MemoryLayers.Layer::bytes)
                .findFirst()
                .orElse(0);
    }

    /// What all threads have of a level together.
    long allOf(int level) {
        return memory.caches().stream()
                .filter(c -> c.level() == level)
                .mapToLong(c -> c.bytes() * Math.max(1, threads / c.sharedBy()))
                .findFirst()
                .orElse(0);
    }

    /// Bytes of the largest cache.
    long lastLevel() {
        return memory.lastLevelTotalBytes()
                .orElse(
                        memory.caches().isEmpty()
                                ? 0
                                : memory.caches().getLast().bytes());
    }
}
