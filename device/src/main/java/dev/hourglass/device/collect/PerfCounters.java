package dev.hourglass.device.collect;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Collector;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.device.ffi.perf.Errno;
import dev.hourglass.device.ffi.perf.EventSpec;
import dev.hourglass.device.ffi.perf.PerfEvent;
import dev.hourglass.device.host.Cpuinfo;
import dev.hourglass.device.host.KernelFiles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Counts hardware and software events of every thread of a process, into `perf_count`: one row per
/// event of [#events()], with a reason instead of a value where this machine has none.
///
/// ```
/// counters.start();          // counts from here: before the measured phase
/// counters.sample(sink);     // now and then: takes in threads that began since
/// counters.finish(sink);     // stops and writes
/// ```
/// Two events whose ratio matters (instructions and cycles, misses and loads) are counted at the same
/// time. Where the PMU has fewer counters than there are events the kernel takes turns and the values
/// are scaled up; `running_ns` over `enabled_ns` tells by how much.
public final class PerfCounters implements Collector {
    private static final Set<Integer> ANOTHER_WAY = Set.of(Errno.EACCES, Errno.EPERM);

    private final KernelFiles files;
    private final long pid;
    private final PerfPermission permission;
    private final List<PerfEventName> events;
    private final Map<PerfEventName, String> reasons = new HashMap<>();
    private final Set<PerfEventName> userOnly = new HashSet<>();
    private final Map<PerfEventName, List<PerfEvent>> open = new LinkedHashMap<>();
    private final Set<Long> attached = new HashSet<>();
    private boolean probed;
    private boolean stopped;
    private long missedThreads;

    public PerfCounters(long pid) {
        this(KernelFiles.system(), pid);
    }

    public PerfCounters(KernelFiles files, long pid) {
        this.files = files;
        this.pid = pid;
        this.permission = PerfPermission.read(files);
        this.events = PerfEventName.all(Cpuinfo.read(files));
    }

    @Override
    public String name() {
        return "perf";
    }

    /// Names of everything that is asked for.
    public List<String> events() {
        return events.stream().map(PerfEventName::name).toList();
    }

    /// Why each event that cannot be counted here cannot, by name.
    public Map<String, String> reasons() {
        probe();
        Map<String, String> byName = new LinkedHashMap<>();
        events.stream().filter(reasons::containsKey).forEach(e -> byName.put(e.name(), reasons.getOrDefault(e, "")));
        return byName;
    }

    /// Whether events in the kernel are not counted for want of permission.
    public boolean userOnly(String event) {
        probe();
        return userOnly.stream().anyMatch(e -> e.name().equals(event));
    }

    @Override
    public Optional<String> unavailable() {
        probe();
        return reasons.size() == events.size()
                ? Optional.of(reasons.getOrDefault(events.getFirst(), ""))
                : Optional.empty();
    }

    /// Asks the kernel for each event once, on the calling thread, so that the many threads of an engine are
    /// asked only for what works.
    private void probe() {
        if (probed) {
            return;
        }
        probed = true;
        for (PerfEventName event : events) {
            switch (PerfEvent.open(event.spec(), 0)) {
                case PerfEvent.Opened(PerfEvent opened) -> opened.close();
                case PerfEvent.Refused(int errno) -> probeUserOnly(event, errno);
            }
        }
    }

    private void probeUserOnly(PerfEventName event, int errno) {
        if (!ANOTHER_WAY.contains(errno) || event.kernelOnly()) {
            reasons.put(event, permission.reason(errno));
            return;
        }
        switch (PerfEvent.open(event.spec().userOnly(), 0)) {
            case PerfEvent.Opened(PerfEvent opened) -> {
                opened.close();
                userOnly.add(event);
            }
            case PerfEvent.Refused(int again) -> reasons.put(event, permission.reason(again));
        }
    }

    /// Begins to count, from zero, on every thread of the process.
    public void start() {
        probe();
        attach();
    }

    /// Takes in threads that began since. Writes nothing.
    @Override
    public void sample(BatchSink sink) {
        if (probed && !stopped) {
            attach();
        }
    }

    private void attach() {
        for (String name : files.names(files.process(pid).resolve("task"))) {
            long tid = KernelFiles.parse(name).orElse(-1);
            if (tid > 0 && attached.add(tid)) {
                attach(tid);
            }
        }
    }

    private void attach(long tid) {
        Map<String, PerfEvent> leaders = new HashMap<>();
        List<PerfEvent> opened = new ArrayList<>();
        for (PerfEventName event : events) {
            if (!reasons.containsKey(event)) {
                PerfEvent mine = openOne(event, tid, leaders);
                if (mine != null) {
                    opened.add(mine);
                }
            }
        }
        opened.forEach(PerfEvent::enable);
    }

    private @Nullable PerfEvent openOne(PerfEventName event, long tid, Map<String, PerfEvent> leaders) {
        EventSpec spec = userOnly.contains(event) ? event.spec().userOnly() : event.spec();
        PerfEvent leader = leaders.get(event.group());
        PerfEvent.Opening opening = leader == null ? PerfEvent.open(spec, tid) : PerfEvent.open(spec, tid, leader);
        if (leader != null && opening instanceof PerfEvent.Refused) {
            opening = PerfEvent.open(spec, tid);
        }
        switch (opening) {
            case PerfEvent.Opened(PerfEvent mine) -> {
                open.computeIfAbsent(event, e -> new ArrayList<>()).add(mine);
                if (!event.group().isEmpty()) {
                    leaders.putIfAbsent(event.group(), mine);
                }
                return mine;
            }
            case PerfEvent.Refused(int errno) -> {
                if (errno != Errno.ESRCH) {
                    missedThreads++;
                }
                return null;
            }
        }
    }

    /// Stops counting; what was counted stays.
    public void stop() {
        stopped = true;
        open.values().forEach(list -> list.forEach(PerfEvent::disable));
    }

    @Override
    public void finish(BatchSink sink) {
        stop();
        try (RowWriter rows = new RowWriter(Tables.PERF_COUNT, sink)) {
            for (PerfEventName event : events) {
                write(rows, event);
            }
        }
        if (missedThreads > 0) {
            ImportStats.write(
                    sink,
                    "perf",
                    "thread_not_counted",
                    "data_loss",
                    missedThreads,
                    "raise ulimit -n, or fewer threads");
        }
    }

    private void write(RowWriter rows, PerfEventName event) {
        rows.set("event", event.name());
        rows.set(
                "scope",
                "all threads of process " + pid
                        + (userOnly.contains(event) ? ", user code only" : ", user and kernel"));
        String reason = reasons.get(event);
        if (reason != null) {
            rows.set("reason", reason);
        } else {
            writeSum(rows, open.getOrDefault(event, List.of()));
        }
        rows.end();
    }

    private static void writeSum(RowWriter rows, List<PerfEvent> threads) {
        double value = 0;
        long enabled = 0;
        long running = 0;
        for (PerfEvent thread : threads) {
            PerfEvent.Count count = thread.read();
            enabled += count.enabledNs();
            running += count.runningNs();
            value += count.runningNs() == 0 ? 0 : count.value() * ((double) count.enabledNs() / count.runningNs());
        }
        rows.set("enabled_ns", enabled).set("running_ns", running);
        if (threads.isEmpty()) {
            rows.set("reason", "counting was not started, or the process had ended");
        } else if (enabled > 0 && running == 0) {
            rows.set("reason", "the PMU never had a counter free for it; something else uses them");
        } else {
            rows.set("value", Math.round(value));
        }
    }

    @Override
    public void close() {
        open.values().forEach(list -> list.forEach(PerfEvent::close));
        open.clear();
    }
}
