package dev.hourglass.device.host;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// What the control groups of a process allow it: the tightest limit on the way to the root, of
/// version 2 or 1.
///
/// @param cpus CPUs' worth of time per second; empty without a limit
/// @param memoryBytes memory; empty without a limit
/// @param memoryLeftBytes what is left of it, file pages that the kernel would give up counted as left; empty
///     without a limit
/// @param throttledNs time for which the group was kept from running since it began; empty where the
///     kernel does not tell
public record ControlGroup(
        OptionalDouble cpus, OptionalLong memoryBytes, OptionalLong memoryLeftBytes, OptionalLong throttledNs) {
    private static final long UNLIMITED = 1L << 60;

    public static ControlGroup of(KernelFiles files, long pid) {
        List<String> lines = files.lines(files.process(pid).resolve("cgroup"));
        List<Path> cpu = chain(files, lines, "cpu");
        List<Path> memory = chain(files, lines, "memory");
        OptionalDouble cpus = cpu.stream()
                .map(dir -> cpus(files, dir))
                .flatMapToDouble(OptionalDouble::stream)
                .min();
        OptionalLong bytes = memory.stream()
                .map(dir -> memory(files, dir))
                .flatMapToLong(OptionalLong::stream)
                .min();
        OptionalLong left = memory.stream()
                .map(dir -> memoryLeft(files, dir))
                .flatMapToLong(OptionalLong::stream)
                .min();
        OptionalLong throttled = cpu.stream()
                .map(dir -> throttled(files, dir))
                .flatMapToLong(OptionalLong::stream)
                .max();
        return new ControlGroup(cpus, bytes, left, throttled);
    }

    /// Directories of the process's group and its ancestors, both versions. Inside a container the path is
    /// often that of the outside, so the mount's root is always among them.
    private static List<Path> chain(KernelFiles files, List<String> lines, String controller) {
        Path mount = files.sys().resolve("fs/cgroup");
        List<Path> dirs = new ArrayList<>();
        for (String line : lines) {
            String[] parts = line.split(":", 3);
            if (parts.length == 3 && parts[1].isEmpty()) {
                ancestors(mount, parts[2], dirs);
                ancestors(mount.resolve("unified"), parts[2], dirs);
            } else if (parts.length == 3 && Stream.of(parts[1].split(",", -1)).anyMatch(controller::equals)) {
                ancestors(mount.resolve(controller), parts[2], dirs);
                ancestors(mount.resolve(parts[1]), parts[2], dirs);
            }
        }
        return dirs;
    }

    private static void ancestors(Path mount, String group, List<Path> into) {
        Path dir = mount.resolve(group.replaceFirst("^/+", "")).normalize();
        for (; dir != null && dir.startsWith(mount); dir = dir.getParent()) {
            into.add(dir);
        }
    }

    private static OptionalDouble cpus(KernelFiles files, Path dir) {
        Optional<String> max = files.text(dir.resolve("cpu.max"));
        if (max.isPresent()) {
            String[] fields = max.orElseThrow().split("\\s+", -1);
            return quota(
                    KernelFiles.parse(fields[0]),
                    fields.length > 1 ? KernelFiles.parse(fields[1]) : OptionalLong.empty());
        }
        return quota(files.number(dir.resolve("cpu.cfs_quota_us")), files.number(dir.resolve("cpu.cfs_period_us")));
    }

    private static OptionalDouble quota(OptionalLong quota, OptionalLong period) {
        boolean limited = quota.orElse(-1) > 0 && period.orElse(0) > 0;
        return limited ? OptionalDouble.of((double) quota.getAsLong() / period.getAsLong()) : OptionalDouble.empty();
    }

    private static OptionalLong memory(KernelFiles files, Path dir) {
        OptionalLong v2 = files.number(dir.resolve("memory.max"));
        OptionalLong limit = v2.isPresent() ? v2 : files.number(dir.resolve("memory.limit_in_bytes"));
        return limit.isPresent() && limit.getAsLong() < UNLIMITED ? limit : OptionalLong.empty();
    }

    private static OptionalLong memoryLeft(KernelFiles files, Path dir) {
        OptionalLong limit = memory(files, dir);
        OptionalLong v2 = files.number(dir.resolve("memory.current"));
        OptionalLong used = v2.isPresent() ? v2 : files.number(dir.resolve("memory.usage_in_bytes"));
        if (limit.isEmpty() || used.isEmpty()) {
            return limit;
        }
        OptionalLong idle = stat(files, dir, "memory.stat", v2.isPresent() ? "inactive_file" : "total_inactive_file");
        long held = Math.max(0, used.getAsLong() - idle.orElse(0));
        return OptionalLong.of(Math.max(0, limit.getAsLong() - held));
    }

    private static OptionalLong stat(KernelFiles files, Path dir, String file, String name) {
        for (String line : files.lines(dir.resolve(file))) {
            String[] fields = line.split("\\s+", 2);
            if (fields.length == 2 && fields[0].equals(name)) {
                return KernelFiles.parse(fields[1]);
            }
        }
        return OptionalLong.empty();
    }

    private static OptionalLong throttled(KernelFiles files, Path dir) {
        OptionalLong us = stat(files, dir, "cpu.stat", "throttled_usec");
        return us.isPresent() ? OptionalLong.of(us.getAsLong() * 1000) : stat(files, dir, "cpu.stat", "throttled_time");
    }
}
