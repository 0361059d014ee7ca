package dev.hourglass.device.collect;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Collector;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.device.host.AuxiliaryVector;
import dev.hourglass.device.host.CpuTimes;
import dev.hourglass.device.host.KernelFiles;
import dev.hourglass.device.host.OpenFile;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The engine's process, or its processes together, and the rest of the machine, into `process_sample`.
///
/// Memory that processes share counts once for each. What a process did that ends between two samples, since the first
/// of them, counts as work of others.
/// CPU times come in ticks of 10 ms, so over a short interval the time of others is known to some
/// ticks only; it is never less than zero. The first sample is the base of the second and writes
/// nothing. Once all have ended no row is written.
public final class ProcessCollector implements Collector {
    private final KernelFiles files;
    private final Supplier<Set<Long>> processes;
    private final LongSupplier clock;
    private final long tickNs;
    private final long pageBytes;
    private final Optional<OpenFile> machine;
    private final Map<Long, Watched> engine = new TreeMap<>();
    private final Optional<OpenFile> self;
    private final Optional<OpenFile> memory;
    private @Nullable Snapshot before;

    public ProcessCollector(long pid) {
        this(() -> Set.of(pid));
    }

    /// @param processes the engine's, asked at each sample
    public ProcessCollector(Supplier<Set<Long>> processes) {
        this(KernelFiles.system(), processes, ProcessHandle.current().pid(), System::nanoTime);
    }

    /// @param processes the engine's, asked at each sample
    /// @param recorder the recorder's process, counted as the profiler's cost unless it is one of them
    /// @param clock the trace clock in nanoseconds
    ProcessCollector(KernelFiles files, Supplier<Set<Long>> processes, long recorder, LongSupplier clock) {
        this.files = files;
        this.processes = processes;
        this.clock = clock;
        AuxiliaryVector vector = AuxiliaryVector.read(files);
        this.tickNs = 1_000_000_000L / vector.ticksPerSecond();
        this.pageBytes = vector.pageBytes();
        this.machine = OpenFile.open(files.proc().resolve("stat"));
        this.self = processes.get().contains(recorder)
                ? Optional.empty()
                : OpenFile.open(files.process(recorder).resolve("stat"));
        this.memory = OpenFile.open(files.proc().resolve("meminfo"));
    }

    @Override
    public String name() {
        return "process";
    }

    @Override
    public Optional<String> unavailable() {
        if (machine.isEmpty()) {
            return Optional.of(files.proc().resolve("stat") + " cannot be read; mount procfs here");
        }
        return processes.get().stream()
                .map(files::process)
                .findFirst()
                .filter(process -> files.text(process.resolve("stat")).isEmpty())
                .map(process -> process + " cannot be read: the process has ended or is hidden");
    }

    /// Everything that is differenced, at one moment.
    private record Snapshot(long ts, long busyTicks, Counters self) {}

    /// One process with its open files.
    private static final class Watched implements AutoCloseable {
        private final OpenFile stat;
        private final Optional<OpenFile> statm;
        private Counters before;

        Watched(OpenFile stat, Optional<OpenFile> statm, Counters before) {
            this.stat = stat;
            this.statm = statm;
            this.before = before;
        }

        /// What it did since the last call; empty where it has ended.
        Optional<Counters> sinceLast() {
            return stat.read().map(ProcessCollector::counters).map(now -> {
                Counters done = now.since(before);
                before = now;
                return done;
            });
        }

        long residentPages() {
            String[] fields = statm.flatMap(OpenFile::read).orElse("").split("\\s+", -1);
            return fields.length > 1 ? KernelFiles.parse(fields[1]).orElse(0) : 0;
        }

        @Override
        public void close() {
            stat.close();
            statm.ifPresent(OpenFile::close);
        }
    }

    private record Counters(long minor, long major, long ticks) {
        static final Counters ZERO = new Counters(0, 0, 0);

        Counters since(Counters then) {
            return new Counters(
                    Math.max(0, minor - then.minor), Math.max(0, major - then.major), Math.max(0, ticks - then.ticks));
        }

        Counters plus(Counters more) {
            return new Counters(minor + more.minor, major + more.major, ticks + more.ticks);
        }
    }

    @Override
    public void sample(BatchSink sink) {
        findNew();
        Counters done = sinceLast();
        if (engine.isEmpty() || machine.isEmpty()) {
            return;
        }
        long ts = clock.getAsLong();
        CpuTimes cpu = CpuTimes.parse(machine.flatMap(OpenFile::read).orElse(""));
        Counters own =
                self.flatMap(OpenFile::read).map(ProcessCollector::counters).orElse(Counters.ZERO);
        Snapshot now = new Snapshot(ts, cpu.sum().busy(), own);
        if (before != null) {
            write(sink, now, before, done, cpu.runnable());
        }
        before = now;
    }

    /// A process that was not there at the first sample is counted from its beginning.
    private void findNew() {
        for (long pid : processes.get()) {
            if (!engine.containsKey(pid)) {
                OpenFile.open(files.process(pid).resolve("stat"))
                        .ifPresent(stat -> engine.put(
                                pid,
                                new Watched(
                                        stat, OpenFile.open(files.process(pid).resolve("statm")), Counters.ZERO)));
            }
        }
    }

    private Counters sinceLast() {
        Counters sum = Counters.ZERO;
        for (Iterator<Watched> i = engine.values().iterator(); i.hasNext(); ) {
            Watched process = i.next();
            Optional<Counters> done = process.sinceLast();
            if (done.isPresent()) {
                sum = sum.plus(done.orElseThrow());
            } else {
                process.close();
                i.remove();
            }
        }
        return sum;
    }

    /// Minor faults, major faults and CPU ticks from a `stat` file. The command's name may hold anything,
    /// so fields are counted from its last closing bracket.
    private static Counters counters(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split("\\s+", -1);
        long ticks = number(fields, 11) + number(fields, 12);
        return new Counters(number(fields, 7), number(fields, 9), ticks);
    }

    private static long number(String[] fields, int index) {
        return index < fields.length ? KernelFiles.parse(fields[index]).orElse(0) : 0;
    }

    private void write(BatchSink sink, Snapshot now, Snapshot then, Counters done, OptionalLong runnable) {
        long selfTicks = now.self.since(then.self).ticks;
        long others = Math.max(0, now.busyTicks - then.busyTicks - done.ticks - selfTicks);
        try (RowWriter rows = new RowWriter(Tables.PROCESS_SAMPLE, sink)) {
            rows.set("ts", then.ts).set("dur", now.ts - then.ts);
            rows.set("minor_faults", done.minor).set("major_faults", done.major);
            rows.set("engine_cpu_ns", done.ticks * tickNs).set("others_cpu_ns", others * tickNs);
            if (self.isPresent()) {
                rows.set("profiler_cpu_ns", selfTicks * tickNs);
            }
            long pages =
                    engine.values().stream().mapToLong(Watched::residentPages).sum();
            if (pages > 0) {
                rows.set("rss_bytes", pages * pageBytes);
            }
            runnable.ifPresent(tasks -> rows.set("runnable", (double) tasks));
            availableBytes().ifPresent(bytes -> rows.set("available_bytes", bytes));
            rows.end();
        }
    }

    private OptionalLong availableBytes() {
        List<String> lines =
                memory.flatMap(OpenFile::read).map(t -> t.lines().toList()).orElse(List.of());
        return KernelFiles.field(lines, "MemAvailable")
                .map(KernelFiles::parse)
                .filter(OptionalLong::isPresent)
                .map(kib -> OptionalLong.of(kib.getAsLong() * 1024))
                .orElse(OptionalLong.empty());
    }

    @Override
    public void finish(BatchSink sink) {
        sample(sink);
    }

    @Override
    public void close() {
        engine.values().forEach(Watched::close);
        engine.clear();
        List.of(machine, self, memory).forEach(file -> file.ifPresent(OpenFile::close));
    }
}
