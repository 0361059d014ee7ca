package dev.hourglass.device.host;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Which logical CPUs share a physical core.
///
/// @param cores logical CPUs of each physical core, by the lowest of them
record Topology(Map<Integer, Set<Integer>> cores) {

    /// From sysfs; where it does not tell, every logical CPU in `online` counts as a core of its own.
    static Topology read(KernelFiles files, Collection<Integer> online) {
        Map<Integer, Set<Integer>> cores = new TreeMap<>();
        for (int cpu : online) {
            Path list = Cpuinfo.cpu(files, cpu).resolve("topology/thread_siblings_list");
            Optional<TreeSet<Integer>> siblings =
                    files.text(list).map(KernelFiles::cpuList).filter(s -> !s.isEmpty());
            int key = siblings.map(TreeSet::first).orElse(cpu);
            cores.computeIfAbsent(key, k -> new TreeSet<>()).add(cpu);
        }
        return new Topology(cores);
    }

    /// Whether some core runs more than one thread at a time.
    boolean simultaneous() {
        return cores.values().stream().anyMatch(cpus -> cpus.size() > 1);
    }
}
