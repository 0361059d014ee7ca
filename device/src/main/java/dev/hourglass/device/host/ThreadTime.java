package dev.hourglass.device.host;

import dev.hourglass.device.ffi.posix.Posix;
import java.util.OptionalLong;

/// What the calling thread has cost.
public final class ThreadTime {
    private ThreadTime() {}

    /// Nanoseconds that it has spent on a core; empty where the kernel does not tell.
    public static OptionalLong cpuNs() {
        long ns = Posix.threadCpuNs();
        return ns < 0 ? OptionalLong.empty() : OptionalLong.of(ns);
    }
}
