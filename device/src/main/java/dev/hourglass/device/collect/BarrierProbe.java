package dev.hourglass.device.collect;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.device.ffi.perf.Errno;
import dev.hourglass.device.ffi.perf.EventSpec;
import dev.hourglass.device.ffi.perf.PerfEvent;
import dev.hourglass.device.ffi.perf.RingBuffer;
import dev.hourglass.device.host.AuxiliaryVector;
import dev.hourglass.device.host.ElfSymbols;
import dev.hourglass.device.host.KernelFiles;
import dev.hourglass.device.host.MappedLibraries;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/// Measures how long threads of another process are inside one function, by probes that the kernel
/// places at its entry and its returns: for the engine's barrier, the time that threads wait for
/// each other.
///
/// ```
/// switch (BarrierProbe.attach(pid)) {
///     case Attached(var probe) -> { … run steps …; probe.detach(); probe.write(sink, steps); probe.close(); }
///     case Unavailable(var reason, var how) -> …
/// }
/// ```
/// Each passage costs the thread some microseconds, so the steps traced so are not those whose time
/// is reported, and the last thread to arrive, which does not wait, shows that cost:
/// [#floorNs()]. Threads that begin after the attachment are not seen. Times are on the trace clock.
public final class BarrierProbe implements AutoCloseable {
    private static final String GGML_LIBRARY = "libggml-cpu";
    private static final String GGML_FUNCTION = "ggml_barrier";
    private static final int BUFFER_PAGES = 256;
    private static final long DRAIN_INTERVAL_NS = 4_000_000;

    private final List<PerfEvent> events = new ArrayList<>();
    private final List<RingBuffer> buffers = new ArrayList<>();
    private final Map<Long, Boolean> entries = new HashMap<>();
    private final Map<Long, Passages> threads = new TreeMap<>();
    private final Thread drainer =
            Thread.ofPlatform().daemon().name("hourglass-barrier").unstarted(this::drainUntilStopped);
    private final String place;
    private volatile boolean stopped;
    private long lost;

    private BarrierProbe(String place) {
        this.place = place;
    }

    /// Outcome of attaching.
    public sealed interface Attachment {}

    /// @param probe records from now on; to be closed by the caller
    public record Attached(BarrierProbe probe) implements Attachment {}

    /// @param reason why it is not possible here, one sentence without a full stop
    /// @param howToRecord what would make it possible; empty where nothing on this machine would
    public record Unavailable(String reason, Optional<String> howToRecord) implements Attachment {}

    /// Time that one thread spent in the function.
    ///
    /// @param tid operating-system thread id
    /// @param waitNs sum of the time between entry and return
    /// @param hits returns
    public record Wait(long tid, long waitNs, long hits) {}

    /// A span over which waits are summed.
    ///
    /// @param index of the step, from 0
    /// @param ts start on the trace clock
    /// @param dur length in nanoseconds
    public record Step(long index, long ts, long dur) {}

    /// Attaches to ggml's barrier in every thread that `pid` has now: call it when the engine's threads exist.
    public static Attachment attach(long pid) {
        KernelFiles files = KernelFiles.system();
        List<Long> tids = files.names(files.process(pid).resolve("task")).stream()
                .map(KernelFiles::parse)
                .flatMap(tid -> tid.stream().boxed())
                .toList();
        Optional<Path> library = MappedLibraries.find(files, pid, GGML_LIBRARY);
        if (library.isEmpty()) {
            return new Unavailable(
                    "process " + pid + " has no library " + GGML_LIBRARY + "*.so loaded", Optional.empty());
        }
        return attach(tids, library.orElseThrow(), GGML_FUNCTION);
    }

    /// Attaches to a function of a library or program in the given threads.
    public static Attachment attach(Collection<Long> tids, Path library, String function) {
        KernelFiles files = KernelFiles.system();
        Optional<ProbeKind> kind = ProbeKind.read(files);
        if (kind.isEmpty()) {
            return noProbes();
        }
        OptionalLong offset = ElfSymbols.offset(library, function);
        if (offset.isEmpty()) {
            return new Unavailable(library.getFileName() + " has no function " + function, Optional.empty());
        }
        BarrierProbe probe = new BarrierProbe(library.getFileName() + ":" + function);
        OptionalLong refusal = probe.open(tids, kind.orElseThrow(), library, offset.getAsLong());
        if (refusal.isPresent() || probe.buffers.isEmpty()) {
            probe.close();
            return refused(files, (int) refusal.orElse(Errno.ESRCH));
        }
        probe.start();
        return new Attached(probe);
    }

    /// Why no probe can be placed on this machine by this user; empty where one can.
    public static Optional<Unavailable> unavailable() {
        KernelFiles files = KernelFiles.system();
        Optional<ProbeKind> kind = ProbeKind.read(files);
        if (kind.isEmpty()) {
            return Optional.of(noProbes());
        }
        Optional<Path> library = MappedLibraries.find(
                        files, ProcessHandle.current().pid(), "libc.so")
                .or(() -> MappedLibraries.find(files, ProcessHandle.current().pid(), "lib"));
        OptionalLong offset =
                library.map(path -> ElfSymbols.offset(path, "abort")).orElse(OptionalLong.empty());
        if (offset.isEmpty()) {
            return Optional.empty();
        }
        EventSpec spec = kind.orElseThrow().entry(library.orElseThrow(), offset.getAsLong());
        return switch (PerfEvent.open(spec, 0)) {
            case PerfEvent.Opened(PerfEvent event) -> {
                event.close();
                yield Optional.empty();
            }
            case PerfEvent.Refused(int errno) -> Optional.of(refused(files, errno));
        };
    }

    private static Unavailable noProbes() {
        return new Unavailable(
                "the kernel has no user-space probes (no event source uprobe in /sys/bus/event_source/devices)",
                Optional.of("use a kernel built with CONFIG_UPROBE_EVENTS"));
    }

    private static Unavailable refused(KernelFiles files, int errno) {
        boolean permission = errno == Errno.EACCES || errno == Errno.EPERM;
        return new Unavailable(
                "perf_event_open refused the probe: "
                        + PerfPermission.read(files).probeReason(errno),
                permission
                        ? Optional.of("run as root, or give the runtime the capability CAP_PERFMON")
                        : Optional.empty());
    }

    /// The kernel's event source for probes in user code.
    private record ProbeKind(int type, long returnBit) {
        static Optional<ProbeKind> read(KernelFiles files) {
            Path device = files.sys().resolve("bus/event_source/devices/uprobe");
            OptionalLong type = files.number(device.resolve("type"));
            OptionalLong bit = files.text(device.resolve("format/retprobe"))
                    .map(format -> KernelFiles.parse(format.replaceFirst("^config:", "")))
                    .orElse(OptionalLong.empty());
            return type.isPresent() && bit.isPresent()
                    ? Optional.of(new ProbeKind((int) type.getAsLong(), 1L << bit.getAsLong()))
                    : Optional.empty();
        }

        EventSpec entry(Path library, long offset) {
            return EventSpec.probe(type, 0, library.toString(), offset);
        }

        EventSpec exit(Path library, long offset) {
            return EventSpec.probe(type, returnBit, library.toString(), offset);
        }
    }

    /// @return the error number of the first refusal; threads that have ended are left out
    private OptionalLong open(Collection<Long> tids, ProbeKind kind, Path library, long offset) {
        long page = AuxiliaryVector.read(KernelFiles.system()).pageBytes();
        for (long tid : tids) {
            int errno = openThread(tid, kind, library, offset, page);
            if (errno != 0 && errno != Errno.ESRCH) {
                return OptionalLong.of(errno);
            }
        }
        return OptionalLong.empty();
    }

    private int openThread(long tid, ProbeKind kind, Path library, long offset, long page) {
        int[] errno = new int[1];
        Optional<PerfEvent> exit = opened(PerfEvent.open(kind.exit(library, offset), tid), errno);
        Optional<PerfEvent> entry = exit.flatMap(e -> opened(PerfEvent.open(kind.entry(library, offset), tid), errno));
        if (entry.isEmpty()) {
            return errno[0];
        }
        PerfEvent first = entry.orElseThrow();
        Optional<RingBuffer> buffer = RingBuffer.map(first, BUFFER_PAGES, page, e -> errno[0] = e);
        if (buffer.isPresent()) {
            buffers.add(buffer.orElseThrow());
            errno[0] = -exit.orElseThrow().redirect(first);
            entries.put(first.id(), true);
            entries.put(exit.orElseThrow().id(), false);
            threads.put(tid, new Passages());
        }
        return errno[0];
    }

    private Optional<PerfEvent> opened(PerfEvent.Opening opening, int[] errno) {
        return switch (opening) {
            case PerfEvent.Opened(PerfEvent event) -> {
                events.add(event);
                yield Optional.of(event);
            }
            case PerfEvent.Refused(int number) -> {
                errno[0] = number;
                yield Optional.empty();
            }
        };
    }

    private void start() {
        events.forEach(PerfEvent::enable);
        drainer.start();
    }

    private void drainUntilStopped() {
        while (!stopped) {
            drain();
            LockSupport.parkNanos(DRAIN_INTERVAL_NS);
        }
    }

    private synchronized void drain() {
        for (RingBuffer buffer : buffers) {
            buffer.drain(new RingBuffer.Records() {
                @Override
                public void sample(long id, int tid, long ts) {
                    record(id, tid, ts);
                }

                @Override
                public void lost(long count) {
                    lost += count;
                }
            });
        }
    }

    private void record(long id, long tid, long ts) {
        Boolean entry = entries.get(id);
        Passages passages = threads.get(tid);
        if (entry == null || passages == null) {
            lost++;
        } else if (entry) {
            passages.enter(ts);
        } else {
            passages.leave(ts);
        }
    }

    /// Passages of one thread in time order, as pairs of entry and return.
    private static final class Passages {
        private long[] pairs = new long[1024];
        private int size;
        private long entered = Long.MIN_VALUE;

        void enter(long ts) {
            entered = ts;
        }

        /// A return whose entry was lost, or lay before the attachment, is left out.
        void leave(long ts) {
            if (entered == Long.MIN_VALUE) {
                return;
            }
            if (size == pairs.length) {
                pairs = Arrays.copyOf(pairs, size * 2);
            }
            pairs[size++] = entered;
            pairs[size++] = ts;
            entered = Long.MIN_VALUE;
        }

        Wait between(long tid, long from, long to) {
            long sum = 0;
            long hits = 0;
            for (int i = 0; i < size; i += 2) {
                if (pairs[i] < to && pairs[i + 1] > from) {
                    sum += Math.min(to, pairs[i + 1]) - Math.max(from, pairs[i]);
                    hits++;
                }
            }
            return new Wait(tid, sum, hits);
        }

        long shortest() {
            long shortest = Long.MAX_VALUE;
            for (int i = 0; i < size; i += 2) {
                shortest = Math.min(shortest, pairs[i + 1] - pairs[i]);
            }
            return shortest;
        }
    }

    /// Waits of each thread that passed between two moments of the trace clock. A passage that reaches over
    /// an end counts with the part inside, so that no thread waits longer than the span.
    public synchronized List<Wait> waits(long from, long to) {
        drain();
        List<Wait> waits = new ArrayList<>();
        threads.forEach((tid, passages) -> {
            Wait wait = passages.between(tid, from, to);
            if (wait.hits > 0) {
                waits.add(wait);
            }
        });
        return waits;
    }

    /// The shortest passage seen: about what the probes themselves add to each. Empty where none was seen.
    public synchronized OptionalLong floorNs() {
        drain();
        return threads.values().stream()
                .mapToLong(Passages::shortest)
                .filter(ns -> ns < Long.MAX_VALUE)
                .min();
    }

    /// Records that found no room or no owner: where it is not 0, waits are too small.
    public synchronized long lost() {
        return lost;
    }

    /// Takes the probes out of the process; what was recorded stays.
    public void detach() {
        events.forEach(PerfEvent::disable);
        stopped = true;
        LockSupport.unpark(drainer);
        drain();
    }

    /// Writes `barrier` rows of these steps, and what was lost.
    public void write(BatchSink sink, List<Step> steps) {
        try (RowWriter rows = new RowWriter(Tables.BARRIER, sink)) {
            for (Step step : steps) {
                for (Wait wait : waits(step.ts, step.ts + step.dur)) {
                    rows.set("step", step.index).set("thread", wait.tid).set("wait_ns", wait.waitNs);
                    rows.set("hits", wait.hits).set("step_dur", step.dur).end();
                }
            }
        }
        if (lost() > 0) {
            ImportStats.write(
                    sink, "barrier", "probe_records_lost", "data_loss", lost(), place + ": waits are too small");
        }
    }

    /// Detaches and gives everything back; afterwards only what was drained before can be read.
    @Override
    public void close() {
        detach();
        synchronized (this) {
            buffers.forEach(RingBuffer::close);
            buffers.clear();
        }
        events.forEach(PerfEvent::close);
        events.clear();
    }
}
