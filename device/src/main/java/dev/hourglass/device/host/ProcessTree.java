package dev.hourglass.device.host;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// A process with all that it started, and all that they started, as they come and go. What has once been seen in the
/// tree stays in it until it ends, though its parent may end first.
///
/// For several threads.
public final class ProcessTree implements Supplier<Set<Long>> {
    private final Map<Long, ProcessHandle> known = new LinkedHashMap<>();

    public ProcessTree(ProcessHandle root) {
        known.put(root.pid(), root);
    }

    /// The numbers of those that live now, older ones first.
    @Override
    public synchronized Set<Long> get() {
        known.values().removeIf(process -> !process.isAlive());
        Stream.of(known.values().toArray(ProcessHandle[]::new))
                .flatMap(ProcessHandle::descendants)
                .forEach(process -> known.putIfAbsent(process.pid(), process));
        return new LinkedHashSet<>(known.keySet());
    }
}
