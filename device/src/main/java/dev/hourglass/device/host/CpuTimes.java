package dev.hourglass.device.host;

import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/// What each logical CPU did since boot, from the lines `cpuN` of `/proc/stat`.
///
/// @param cores ticks by logical CPU; offline ones are absent
/// @param runnable tasks that run or could run now, whole machine; empty where the kernel does not tell
public record CpuTimes(Map<Integer, Ticks> cores, OptionalLong runnable) {

    /// Time by kind, in ticks of `USER_HZ`.
    ///
    /// @param user user code, niced included
    /// @param system kernel, interrupts included
    /// @param idle idle, and idle while I/O is outstanding
    /// @param steal taken by the hypervisor
    public record Ticks(long user, long system, long idle, long steal) {
        static final Ticks ZERO = new Ticks(0, 0, 0, 0);

        public long busy() {
            return user + system;
        }

        long total() {
            return user + system + idle + steal;
        }

        Ticks plus(Ticks o) {
            return new Ticks(user + o.user, system + o.system, idle + o.idle, steal + o.steal);
        }

        /// What was added since `before`. Counters that went back (idle does on some kernels) count as still.
        public Ticks since(Ticks before) {
            return new Ticks(
                    Math.max(0, user - before.user),
                    Math.max(0, system - before.system),
                    Math.max(0, idle - before.idle),
                    Math.max(0, steal - before.steal));
        }

        public double share(long part) {
            return total() == 0 ? Double.NaN : (double) part / total();
        }
    }

    public static CpuTimes parse(String procStat) {
        Map<Integer, Ticks> cores = new TreeMap<>();
        OptionalLong runnable = OptionalLong.empty();
        for (String line : procStat.lines().toList()) {
            if (line.startsWith("cpu") && !line.startsWith("cpu ")) {
                addCore(line, cores);
            } else if (line.startsWith("procs_running ")) {
                runnable = KernelFiles.parse(line.substring("procs_running ".length()));
            }
        }
        return new CpuTimes(cores, runnable);
    }

    private static void addCore(String line, Map<Integer, Ticks> cores) {
        String[] fields = line.split("\\s+", -1);
        OptionalLong core = KernelFiles.parse(fields[0].substring("cpu".length()));
        if (core.isPresent() && fields.length >= 5) {
            long user = at(fields, 1) + at(fields, 2);
            long system = at(fields, 3) + at(fields, 6) + at(fields, 7);
            cores.put((int) core.getAsLong(), new Ticks(user, system, at(fields, 4) + at(fields, 5), at(fields, 8)));
        }
    }

    private static long at(String[] fields, int index) {
        return index < fields.length ? KernelFiles.parse(fields[index]).orElse(0) : 0;
    }

    public Ticks sum() {
        return cores.values().stream().reduce(Ticks.ZERO, Ticks::plus);
    }

    /// Ticks of each core that is in both.
    public Map<Integer, Ticks> since(CpuTimes before) {
        Map<Integer, Ticks> delta = new TreeMap<>();
        cores.forEach((core, ticks) -> {
            Ticks then = before.cores.get(core);
            if (then != null) {
                delta.put(core, ticks.since(then));
            }
        });
        return delta;
    }
}
