package dev.hourglass.device.collect;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Collector;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.device.host.KernelFiles;
import dev.hourglass.device.host.OpenFile;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// What each thread of a process, or of several, did, into `thread_sample`: nanoseconds on a CPU and in the run
/// queue, from the scheduler's own accounting.
///
/// The first sample is the base of the second and writes nothing. A thread that did nothing in an
/// interval has no row for it. A thread that ends between two samples takes with it what it did since
/// the first of them.
public final class ThreadCollector implements Collector {
    private final KernelFiles files;
    private final Supplier<Set<Long>> processes;
    private final LongSupplier clock;
    private final Map<Long, Task> known = new TreeMap<>();
    private boolean based;
    private long beforeTs;

    public ThreadCollector(long pid) {
        this(() -> Set.of(pid));
    }

    /// @param processes the processes whose threads are watched, asked at each sample
    public ThreadCollector(Supplier<Set<Long>> processes) {
        this(KernelFiles.system(), processes, System::nanoTime);
    }

    /// @param processes the processes whose threads are watched, asked at each sample
    /// @param clock the trace clock in nanoseconds
    public ThreadCollector(KernelFiles files, Supplier<Set<Long>> processes, LongSupplier clock) {
        this.files = files;
        this.processes = processes;
        this.clock = clock;
    }

    private Path tasks(long pid) {
        return files.process(pid).resolve("task");
    }

    @Override
    public String name() {
        return "thread";
    }

    @Override
    public Optional<String> unavailable() {
        return processes.get().stream().findFirst().flatMap(pid -> unavailable(tasks(pid)));
    }

    private Optional<String> unavailable(Path tasks) {
        List<String> threads = files.names(tasks);
        if (threads.isEmpty()) {
            return Optional.of(tasks + " cannot be listed: the process has ended or belongs to somebody else");
        }
        return files.text(tasks.resolve(threads.getFirst()).resolve("schedstat"))
                        .isPresent()
                ? Optional.empty()
                : Optional.of("the kernel does not account scheduling per thread (no schedstat in " + tasks
                        + "/…; needs CONFIG_SCHED_INFO)");
    }

    /// Counters of one thread since it began.
    private record Counts(long run, long queued, long voluntary, long involuntary) {
        static final Counts ZERO = new Counts(0, 0, 0, 0);
    }

    /// One thread with its open files.
    private static final class Task implements AutoCloseable {
        final long tid;
        final OpenFile schedstat;
        final Optional<OpenFile> status;
        final Optional<OpenFile> comm;
        Counts before = Counts.ZERO;

        Task(long tid, OpenFile schedstat, Optional<OpenFile> status, Optional<OpenFile> comm) {
            this.tid = tid;
            this.schedstat = schedstat;
            this.status = status;
            this.comm = comm;
        }

        /// Counters now; the cheap file first, since most threads of a process sleep.
        Optional<Counts> read() {
            return schedstat.read().map(text -> {
                String[] fields = text.strip().split(" ", -1);
                long run = KernelFiles.parse(fields[0]).orElse(0);
                long queued = fields.length > 1 ? KernelFiles.parse(fields[1]).orElse(0) : 0;
                return run == before.run && queued == before.queued ? before : counts(run, queued);
            });
        }

        /// Read anew each time: a thread is seen before its creator has named it.
        String name() {
            return comm.flatMap(OpenFile::read).orElse("").strip();
        }

        private Counts counts(long run, long queued) {
            List<String> lines =
                    status.flatMap(OpenFile::read).map(s -> s.lines().toList()).orElse(List.of());
            return new Counts(
                    run, queued, number(lines, "voluntary_ctxt_switches"), number(lines, "nonvoluntary_ctxt_switches"));
        }

        private static long number(List<String> lines, String key) {
            return KernelFiles.field(lines, key)
                    .map(v -> KernelFiles.parse(v).orElse(0))
                    .orElse(0L);
        }

        @Override
        public void close() {
            schedstat.close();
            status.ifPresent(OpenFile::close);
            comm.ifPresent(OpenFile::close);
        }
    }

    @Override
    public void sample(BatchSink sink) {
        findNew();
        long ts = clock.getAsLong();
        try (RowWriter rows = new RowWriter(Tables.THREAD_SAMPLE, sink)) {
            for (Iterator<Task> i = known.values().iterator(); i.hasNext(); ) {
                Task task = i.next();
                Optional<Counts> now = task.read();
                if (now.isEmpty()) {
                    task.close();
                    i.remove();
                    continue;
                }
                if (based) {
                    write(rows, task, now.orElseThrow(), ts);
                }
                task.before = now.orElseThrow();
            }
        }
        based = true;
        beforeTs = ts;
    }

    private void findNew() {
        processes.get().forEach(pid -> findNew(tasks(pid)));
    }

    private void findNew(Path tasks) {
        for (String name : files.names(tasks)) {
            long tid = KernelFiles.parse(name).orElse(-1);
            if (tid >= 0 && !known.containsKey(tid)) {
                Path dir = tasks.resolve(name);
                OpenFile.open(dir.resolve("schedstat"))
                        .ifPresent(schedstat -> known.put(
                                tid,
                                new Task(
                                        tid,
                                        schedstat,
                                        OpenFile.open(dir.resolve("status")),
                                        OpenFile.open(dir.resolve("comm")))));
            }
        }
    }

    private void write(RowWriter rows, Task task, Counts now, long ts) {
        Counts then = task.before;
        if (now.equals(then)) {
            return;
        }
        rows.set("ts", beforeTs).set("dur", ts - beforeTs).set("tid", task.tid).set("name", task.name());
        rows.set("run_ns", Math.max(0, now.run - then.run)).set("wait_ns", Math.max(0, now.queued - then.queued));
        if (task.status.isPresent()) {
            rows.set("voluntary_switches", Math.max(0, now.voluntary - then.voluntary));
            rows.set("involuntary_switches", Math.max(0, now.involuntary - then.involuntary));
        }
        rows.end();
    }

    @Override
    public void finish(BatchSink sink) {
        sample(sink);
    }

    @Override
    public void close() {
        known.values().forEach(Task::close);
        known.clear();
    }
}
