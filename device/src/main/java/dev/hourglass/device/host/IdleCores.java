package dev.hourglass.device.host;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// How many cores an engine could take now without taking them from somebody.
///
/// @param physical physical cores that this process may use
/// @param logical logical CPUs that this process may use
/// @param idle physical cores that are idle, at most as many as a CPU limit allows; may be 0
/// @param load CPUs' worth of work that other processes do now on the CPUs that this process may use
/// @param limit CPUs' worth of time that a control group allows; infinite without a limit
public record IdleCores(int physical, int logical, int idle, double load, double limit) {
    /// Share of its time below which a core that works counts as idle.
    private static final double NEARLY_IDLE_BELOW = 0.15;
    /// Share of a core that is free from which it counts as idle, where the idle time of all is put together.
    private static final double IDLE_FROM = 0.8;

    /// Watches the machine for a time; 300 ms tell enough.
    public static IdleCores measure(Duration interval) throws InterruptedException {
        KernelFiles files = KernelFiles.system();
        String before = files.text(files.proc().resolve("stat")).orElse("");
        Thread.sleep(interval);
        String after = files.text(files.proc().resolve("stat")).orElse("");
        return between(files, ProcessHandle.current().pid(), before, after);
    }

    /// The thread count to start an engine with: as many as there are physical cores, at most as many as a CPU limit
    /// allows, at least one. It is the machine's, whatever works on it at this moment: runs of which one had other
    /// work beside it are to be of the same.
    public int threads() {
        return (int) Math.max(1, Math.min((double) physical, limit));
    }

    /// As many as would disturb nobody now: the idle ones, at least one.
    public int undisturbed() {
        return Math.max(1, idle);
    }

    /// From two contents of `/proc/stat`.
    static IdleCores between(KernelFiles files, long pid, String before, String after) {
        Map<Integer, CpuTimes.Ticks> delta = new TreeMap<>(CpuTimes.parse(after).since(CpuTimes.parse(before)));
        Set<Integer> allowed = files.field(files.process(pid).resolve("status"), "Cpus_allowed_list")
                .map(KernelFiles::cpuList)
                .orElse(new TreeSet<>(delta.keySet()));
        delta.keySet().retainAll(allowed);
        Topology topology = Topology.read(files, delta.keySet());
        List<Double> busy = topology.cores().values().stream()
                .map(cpus -> Math.min(1, load(delta, cpus)))
                .toList();
        double limit = ControlGroup.of(files, pid).cpus().orElse(Double.POSITIVE_INFINITY);
        double load = load(delta, delta.keySet());
        return new IdleCores(busy.size(), delta.size(), (int) Math.min((double) idle(busy), limit), load, limit);
    }

    /// Cores that are nearly idle each, or the idle time of all of them put together: work that wanders
    /// between two cores makes both look half busy while one is free.
    private static long idle(List<Double> busy) {
        long quiet = busy.stream().filter(share -> share < NEARLY_IDLE_BELOW).count();
        double free = busy.stream().mapToDouble(share -> 1 - share).sum();
        return Math.max(quiet, (long) Math.floor(free + 1 - IDLE_FROM));
    }

    /// CPUs' worth of work on some CPUs; time that the hypervisor took is not free either.
    private static double load(Map<Integer, CpuTimes.Ticks> delta, Set<Integer> cpus) {
        return delta.entrySet().stream()
                .filter(entry -> cpus.contains(entry.getKey()))
                .map(Map.Entry::getValue)
                .mapToDouble(ticks -> ticks.share(ticks.busy() + ticks.steal()))
                .filter(share -> !Double.isNaN(share))
                .sum();
    }
}
