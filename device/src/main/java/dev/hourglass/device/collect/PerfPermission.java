package dev.hourglass.device.collect;

import dev.hourglass.device.ffi.perf.Errno;
import dev.hourglass.device.host.Cpuinfo;
import dev.hourglass.device.host.KernelFiles;

/// Why the kernel refuses a perf event, and what would change its mind.
///
/// @param paranoid `kernel.perf_event_paranoid`, `?` where the kernel does not tell
/// @param guest whether this is a virtual machine
public record PerfPermission(String paranoid, boolean guest) {

    public static PerfPermission read(KernelFiles files) {
        return new PerfPermission(
                files.text(files.proc().resolve("sys/kernel/perf_event_paranoid"))
                        .orElse("?"),
                Cpuinfo.read(files).guest());
    }

    /// For a counter.
    String reason(int errno) {
        return Errno.name(errno) + ": "
                + switch (errno) {
                    case Errno.ENOENT, Errno.EOPNOTSUPP, Errno.ENODEV ->
                        guest
                                ? "this virtual machine has no such counter; the host can pass its PMU through"
                                : "this processor's PMU has no such event";
                    case Errno.EACCES, Errno.EPERM ->
                        "not permitted with kernel.perf_event_paranoid = " + paranoid
                                + "; run as root, with CAP_PERFMON, or after: sysctl -w kernel.perf_event_paranoid=1"
                                + " (in a container also allow perf_event_open in its seccomp profile)";
                    case Errno.EMFILE -> "too many open files; raise ulimit -n";
                    case Errno.ESRCH -> "the thread had ended";
                    case Errno.ENOSYS -> "the kernel was built without perf events, or a seccomp filter hides them";
                    default -> "the kernel refused it";
                };
    }

    /// For a probe in user code, which no sysctl opens.
    String probeReason(int errno) {
        return Errno.name(errno) + ": "
                + switch (errno) {
                    case Errno.EACCES, Errno.EPERM ->
                        "probes in user code need root or CAP_PERFMON; kernel.perf_event_paranoid does not open them"
                                + " (in a container also allow perf_event_open in its seccomp profile)";
                    case Errno.ENOENT, Errno.EOPNOTSUPP, Errno.ENODEV ->
                        "the kernel has no user-space probes (CONFIG_UPROBE_EVENTS)";
                    case Errno.EINVAL -> "the kernel refused to place a probe in this file";
                    case Errno.ENOMEM -> "no room for the ring buffers; raise kernel.perf_event_mlock_kb";
                    case Errno.EMFILE -> "too many open files; raise ulimit -n";
                    case Errno.ESRCH -> "the thread had ended";
                    default -> "the kernel refused it";
                };
    }
}
