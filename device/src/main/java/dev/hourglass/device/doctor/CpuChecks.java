package dev.hourglass.device.doctor;

import dev.hourglass.device.host.Cpuinfo;
import dev.hourglass.device.host.HostInfo;
import dev.hourglass.device.host.IdleCores;
import dev.hourglass.device.host.KernelFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/// What the processor offers, and whether somebody else uses it.
final class CpuChecks {
    private CpuChecks() {}

    static List<Check> all(KernelFiles files, IdleCores idle) {
        Cpuinfo cpu = Cpuinfo.read(files);
        return List.of(
                processor(files, cpu), idle(idle), frequency(files, cpu), governor(files, cpu), guest(files, cpu));
    }

    private static Check processor(KernelFiles files, Cpuinfo cpu) {
        HostInfo host = HostInfo.read(files);
        String isa = host.facts().getOrDefault("host.isa", "");
        String detail = host.facts().getOrDefault("host.cpu", "unknown processor") + ", "
                + host.facts().getOrDefault("host.cores_physical", "?") + " cores"
                + (isa.isEmpty() ? "" : ", " + isa);
        String use = "fast kernels of the engine";
        boolean fast = cpu.flags().contains("avx2") || cpu.flags().contains("asimd");
        return fast
                ? Check.ok("cpu.model", "processor", detail, use)
                : Check.limited(
                        "cpu.model", "processor", detail + "; no AVX2, so kernels are slow", use, Optional.empty());
    }

    private static Check idle(IdleCores idle) {
        String detail = String.format(
                Locale.ROOT,
                "%d of %d physical cores idle now, other work uses %.1f CPUs",
                idle.idle(),
                idle.physical(),
                idle.load());
        String use = "times that are the engine's own and not those of a queue";
        return idle.idle() == idle.physical()
                ? Check.ok("cpu.idle", "idle cores", detail, use)
                : Check.limited(
                        "cpu.idle",
                        "idle cores",
                        detail,
                        use,
                        Optional.of("stop other work, or use --threads " + idle.undisturbed()));
    }

    private static Check frequency(KernelFiles files, Cpuinfo cpu) {
        String use = "telling a slow clock from slow code";
        Path current = Cpuinfo.cpufreq(files, 0).resolve("scaling_cur_freq");
        OptionalLong khz = files.number(current);
        if (khz.isPresent()) {
            return Check.ok("cpu.frequency", "clock frequency", khz.getAsLong() / 1000 + " MHz now, from cpufreq", use);
        }
        if (cpu.measuresClock()) {
            return Check.ok(
                    "cpu.frequency",
                    "clock frequency",
                    cpu.mhz().values().iterator().next() + " MHz now",
                    use);
        }
        return Check.unavailable(
                "cpu.frequency",
                "clock frequency",
                "the kernel has no cpufreq here and /proc/cpuinfo shows the nominal clock only"
                        + (cpu.guest() ? "; the host of this virtual machine keeps it to itself" : ""),
                use,
                Optional.empty());
    }

    private static Check governor(KernelFiles files, Cpuinfo cpu) {
        String use = "the same clock in every run";
        Optional<String> governor = files.text(Cpuinfo.cpufreq(files, 0).resolve("scaling_governor"));
        if (governor.isEmpty()) {
            String whose = cpu.guest() ? "; the host of this virtual machine decides" : "";
            return Check.unavailable(
                    "cpu.governor", "frequency governor", "no governor is visible" + whose, use, Optional.empty());
        }
        String name = governor.orElseThrow();
        return name.equals("performance")
                ? Check.ok("cpu.governor", "frequency governor", name, use)
                : Check.limited(
                        "cpu.governor",
                        "frequency governor",
                        name,
                        use,
                        Optional.of("cpupower frequency-set -g performance"));
    }

    private static Check guest(KernelFiles files, Cpuinfo cpu) {
        String kind = HostInfo.virtualization(files, cpu);
        String use = "times without a hypervisor's share, and the processor's own counters";
        return !cpu.guest()
                ? Check.ok("cpu.virtualization", "virtualisation", kind, use)
                : Check.limited(
                        "cpu.virtualization", "virtualisation", kind, use, Optional.of("measure on the host itself"));
    }
}
