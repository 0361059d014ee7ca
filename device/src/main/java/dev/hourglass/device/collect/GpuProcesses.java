package dev.hourglass.device.collect;

import dev.hourglass.device.ffi.nvml.NvmlDevice;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Whose memory of a GPU it is.
final class GpuProcesses {
    static final String COMMAND = "command";
    static final String OTHERS = "others";
    /// Of processes of which this one cannot tell who they are: the driver numbers them as the host does, and they
    /// are in no process namespace that is seen from here.
    static final String UNSEEN = "unseen";

    private GpuProcesses() {}

    /// @param command the processes that are recorded
    /// @return bytes by whose they are; whose memory the driver cannot tell is left out
    static Map<String, Long> of(List<NvmlDevice.Process> processes, Set<Long> command) {
        Map<String, Long> bytes = new TreeMap<>();
        for (NvmlDevice.Process process : processes) {
            if (process.bytes() >= 0) {
                bytes.merge(whose(process.pid(), command), process.bytes(), Long::sum);
            }
        }
        return bytes;
    }

    static String whose(long pid, Set<Long> command) {
        if (command.contains(pid)) {
            return COMMAND;
        }
        return ProcessHandle.of(pid).isPresent() ? OTHERS : UNSEEN;
    }
}
