package dev.hourglass.device.doctor;

import dev.hourglass.device.collect.BarrierProbe;
import dev.hourglass.device.collect.PerfCounters;
import dev.hourglass.device.collect.PerfPermission;
import dev.hourglass.device.host.KernelFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the kernel's perf subsystem grants.
final class PerfChecks {
    private PerfChecks() {}

    static List<Check> all(KernelFiles files) {
        List<Check> checks = new ArrayList<>();
        checks.add(paranoid(files));
        try (PerfCounters counters =
                new PerfCounters(files, ProcessHandle.current().pid())) {
            Map<String, String> reasons = counters.reasons();
            for (String event : counters.events()) {
                checks.add(event(event, Optional.ofNullable(reasons.get(event)), counters.userOnly(event)));
            }
        }
        checks.add(probe());
        return checks;
    }

    private static Check paranoid(KernelFiles files) {
        String use = "counting events in the kernel as well as in user code";
        String level = PerfPermission.read(files).paranoid();
        String detail = "kernel.perf_event_paranoid = " + level;
        boolean root = "0"
                .equals(files.field(files.proc().resolve("self/status"), "Uid")
                        .map(ids -> ids.split("\\s+", 2)[0])
                        .orElse(""));
        boolean open = KernelFiles.parse(level).orElse(4) <= 1;
        return open || root
                ? Check.ok("perf.permission", "perf permission", detail + (root ? ", but this is root" : ""), use)
                : Check.limited(
                        "perf.permission",
                        "perf permission",
                        detail,
                        use,
                        Optional.of("sysctl -w kernel.perf_event_paranoid=1"));
    }

    private static Check event(String event, Optional<String> reason, boolean userOnly) {
        String id = "perf." + event;
        if (reason.isPresent()) {
            String why = reason.orElseThrow();
            return Check.unavailable(id, event, why, use(event), enable(why));
        }
        return userOnly
                ? Check.limited(
                        id, event, "user code only", use(event), Optional.of("sysctl -w kernel.perf_event_paranoid=1"))
                : Check.ok(id, event, "user and kernel", use(event));
    }

    private static Optional<String> enable(String reason) {
        if (reason.contains("sysctl -w")) {
            return Optional.of("sysctl -w kernel.perf_event_paranoid=1");
        }
        return reason.contains("virtual machine")
                ? Optional.of("measure on bare metal, or on a guest to which the host passes its PMU")
                : Optional.empty();
    }

    private static String use(String event) {
        return switch (event) {
            case "cycles", "instructions" -> "instructions per cycle";
            case "stalled-cycles-frontend", "stalled-cycles-backend" -> "cycles in which nothing was issued";
            case "branches", "branch-misses" -> "branch miss rate";
            case "L1-dcache-loads", "L1-dcache-load-misses" -> "L1 miss rate";
            case "L2-data-requests", "L2-data-misses" -> "L2 miss rate";
            case "LLC-loads", "LLC-load-misses", "cache-references", "cache-misses" -> "last-level cache miss rate";
            case "dTLB-loads", "dTLB-load-misses" -> "TLB miss rate, which small pages raise";
            case "context-switches", "cpu-migrations" -> "contention";
            case "task-clock" -> "CPU time of the engine";
            default -> "page faults";
        };
    }

    private static Check probe() {
        String use = "T_sync: how long threads wait for each other in the engine's barriers";
        return BarrierProbe.unavailable()
                .map(why -> Check.unavailable("uprobe", "user-space probes", why.reason(), use, why.howToRecord()))
                .orElseGet(() -> Check.ok("uprobe", "user-space probes", "permitted", use));
    }
}
