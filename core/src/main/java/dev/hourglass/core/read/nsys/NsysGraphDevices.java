package dev.hourglass.core.read.nsys;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/// On which GPU graphs were replayed that were traced as wholes. Their rows often do not tell: 0, -1 and the largest
/// integer stand there whatever the GPU is. Other work of the same context does, or the machine's only GPU.
final class NsysGraphDevices {
    private record Context(long process, long id) {}

    private final NsysThreads threads;
    /// By the number that the operating system gives a process.
    private final Map<Context, Long> stated = new HashMap<>();
    /// By `globalPid`.
    private final Map<Context, OptionalLong> known = new HashMap<>();
    private final Set<Long> gpus = new HashSet<>();

    NsysGraphDevices(NsysDatabase database, NsysThreads threads) {
        this.threads = threads;
        database.each("TARGET_INFO_CUDA_CONTEXT_INFO", List.of("processId", "contextId", "deviceId"), row -> {
            if (row.has(0) && row.has(1)) {
                told(row.integer(2, -1))
                        .ifPresent(device -> stated.put(new Context(row.integer(0), row.integer(1)), device));
            }
        });
        database.each("TARGET_INFO_GPU", List.of("id"), row -> gpus.add(row.integer(0)));
    }

    /// A device as a row tells it; empty for what no GPU is called.
    static OptionalLong told(long device) {
        return device < 0 || device == Integer.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(device);
    }

    /// @param row of a replay, whose columns 2, 3 and 6 are device, context and `globalPid`
    OptionalLong of(NsysRow row) {
        OptionalLong told = told(row.integer(2, -1));
        if (told.orElse(0) != 0) {
            return told;
        }
        return known.computeIfAbsent(new Context(row.integer(6, -1), row.integer(3, -1)), this::ofContext);
    }

    private OptionalLong ofContext(Context context) {
        OptionalLong beside = threads.deviceOf(context.process(), context.id());
        if (beside.isPresent()) {
            return beside;
        }
        Long written = stated.get(new Context(NsysThreads.pid(context.process()), context.id()));
        if (written != null) {
            return OptionalLong.of(written);
        }
        return gpus.size() == 1 ? OptionalLong.of(gpus.iterator().next()) : OptionalLong.empty();
    }
}
