package dev.hourglass.device.collect;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Collector;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.device.host.AuxiliaryVector;
import dev.hourglass.device.host.CpuTimes;
import dev.hourglass.device.host.KernelFiles;
import dev.hourglass.device.host.OpenFile;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The engine's process and the rest of the machine, into `process_sample`.
///
/// CPU times come in ticks of 10 ms, so over a short interval the time of others is known to some
/// ticks only; it is never less than zero. The first sample is the base of the second and writes
/// nothing. Once the process has ended no row is written.
public final class ProcessCollector implements Collector {
    private final KernelFiles files;
    private final long pid;
    private final LongSupplier clock;
    private final long tickNs;
    private final long pageBytes;
    private final Optional<OpenFile> machine;
    private final Optional<OpenFile> engine;
    private final Optional<OpenFile> engineMemory;
    private final Optional<OpenFile> self;
    private final Optional<OpenFile> memory;
    private @Nullable Snapshot before;

    public ProcessCollector(long pid) {
        this(KernelFiles.system(), pid, ProcessHandle.current().pid(), System::nanoTime);
    }

    /// @param pid the engine's process
    /// @param recorder the recorder's process, counted as the profiler's cost; equal to `pid` where the
    ///     engine runs inside the recorder
    /// @param clock the trace clock in nanoseconds
    public ProcessCollector(KernelFiles files, long pid, long recorder, LongSupplier clock) {
        this.files = files;
        this.pid = pid;
        this.clock = clock;
        AuxiliaryVector vector = AuxiliaryVector.read(files);
        this.tickNs = 1_000_000_000L / vector.ticksPerSecond();
        this.pageBytes = vector.pageBytes();
        this.machine = OpenFile.open(files.proc().resolve("stat"));
        this.engine = OpenFile.open(files.process(pid).resolve("stat"));
        this.engineMemory = OpenFile.open(files.process(pid).resolve("statm"));
        this.self = recorder == pid
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
        return engine.isEmpty()
                ? Optional.of(files.process(pid) + " cannot be read: the process has ended or is hidden")
                : Optional.empty();
    }

    /// Everything that is differenced, at one moment.
    private record Snapshot(long ts, long busyTicks, Counters engine, Counters self) {}

    private record Counters(long minor, long major, long ticks) {
        static final Counters ZERO = new Counters(0, 0, 0);
    }

    @Override
    public void sample(BatchSink sink) {
        Optional<Counters> process = engine.flatMap(OpenFile::read).map(ProcessCollector::counters);
        if (process.isEmpty() || machine.isEmpty()) {
            return;
        }
        long ts = clock.getAsLong();
        CpuTimes cpu = CpuTimes.parse(machine.flatMap(OpenFile::read).orElse(""));
        Counters own =
                self.flatMap(OpenFile::read).map(ProcessCollector::counters).orElse(Counters.ZERO);
        Snapshot now = new Snapshot(ts, cpu.sum().busy(), process.orElseThrow(), own);
        if (before != null) {
            write(sink, now, before, cpu.runnable());
        }
        before = now;
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

    private void write(BatchSink sink, Snapshot now, Snapshot then, OptionalLong runnable) {
        long engineTicks = Math.max(0, now.engine.ticks - then.engine.ticks);
        long selfTicks = Math.max(0, now.self.ticks - then.self.ticks);
        long others = Math.max(0, now.busyTicks - then.busyTicks - engineTicks - selfTicks);
        try (RowWriter rows = new RowWriter(Tables.PROCESS_SAMPLE, sink)) {
            rows.set("ts", then.ts).set("dur", now.ts - then.ts);
            rows.set("minor_faults", Math.max(0, now.engine.minor - then.engine.minor));
            rows.set("major_faults", Math.max(0, now.engine.major - then.engine.major));
            rows.set("engine_cpu_ns", engineTicks * tickNs).set("others_cpu_ns", others * tickNs);
            if (self.isPresent()) {
                rows.set("profiler_cpu_ns", selfTicks * tickNs);
            }
            residentPages().ifPresent(pages -> rows.set("rss_bytes", pages * pageBytes));
            runnable.ifPresent(tasks -> rows.set("runnable", (double) tasks));
            availableBytes().ifPresent(bytes -> rows.set("available_bytes", bytes));
            rows.end();
        }
    }

    private OptionalLong residentPages() {
        String[] fields = engineMemory.flatMap(OpenFile::read).orElse("").split("\\s+", -1);
        return fields.length > 1 ? KernelFiles.parse(fields[1]) : OptionalLong.empty();
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
        List.of(machine, engine, engineMemory, self, memory).forEach(file -> file.ifPresent(OpenFile::close));
    }
}
