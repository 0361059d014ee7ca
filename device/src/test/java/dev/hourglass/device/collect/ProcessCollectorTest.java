package dev.hourglass.device.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.device.host.PlantedFiles;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessCollectorTest {
    private static final long TICK = 10_000_000;

    @TempDir
    Path dir;

    private final AtomicLong clock = new AtomicLong(0);
    private final RowList sink = new RowList();

    private static String stat(String command, int minor, int major, int user, int system) {
        return "7 (" + command + ") S 1 7 7 0 -1 0 " + minor + " 99 " + major + " 99 " + user + " " + system
                + " 0 0 20 0 1 0\n";
    }

    @Test
    void othersAreWhatNeitherEngineNorRecorderUsed() {
        PlantedFiles planted = new PlantedFiles(dir)
                .proc("stat", "cpu0 100 0 0 100 0 0 0 0\ncpu1 100 0 0 100 0 0 0 0\nprocs_running 2\n")
                .proc("meminfo", "MemTotal: 1000 kB\nMemAvailable:   600 kB\n")
                .proc("7/stat", stat("a) b (c", 10, 1, 50, 5))
                .proc("7/statm", "1000 25 3 1 0 50 0\n")
                .proc("8/stat", stat("recorder", 0, 0, 3, 3));
        try (ProcessCollector process = new ProcessCollector(planted.files, () -> Set.of(7L), 8, clock::get)) {
            process.sample(sink);
            planted.proc("stat", "cpu0 150 0 10 140 0 0 0 0\ncpu1 140 0 0 140 0 0 0 20\nprocs_running 5\n")
                    .proc("7/stat", stat("a) b (c", 14, 3, 90, 15))
                    .proc("8/stat", stat("recorder", 0, 0, 6, 4));
            clock.set(1_000_000_000);
            process.sample(sink);
        }
        assertThat(sink.rows).hasSize(1);
        // 100 busy ticks on the machine, 50 the engine's, 4 the recorder's
        assertThat(sink.rows.getFirst())
                .containsEntry("engine_cpu_ns", 50 * TICK)
                .containsEntry("profiler_cpu_ns", 4 * TICK)
                .containsEntry("others_cpu_ns", 46 * TICK)
                .containsEntry("minor_faults", 4L)
                .containsEntry("major_faults", 2L)
                .containsEntry("rss_bytes", 25 * 4096L)
                .containsEntry("available_bytes", 600 * 1024L)
                .containsEntry("runnable", 5.0);
    }

    @Test
    void severalProcessesAreOneEngine() {
        PlantedFiles planted = new PlantedFiles(dir)
                .proc("stat", "cpu0 100 0 0 100 0 0 0 0\nprocs_running 2\n")
                .proc("7/stat", stat("server", 10, 0, 50, 5))
                .proc("7/statm", "1000 25 3 1 0 50 0\n")
                .proc("9/stat", stat("worker", 30, 0, 20, 10))
                .proc("9/statm", "1000 5 3 1 0 50 0\n");
        Set<Long> engine = new HashSet<>(Set.of(7L));
        try (ProcessCollector process = new ProcessCollector(planted.files, () -> engine, 8, clock::get)) {
            process.sample(sink);
            engine.add(9L);
            planted.proc("stat", "cpu0 200 0 0 100 0 0 0 0\nprocs_running 2\n")
                    .proc("7/stat", stat("server", 11, 0, 60, 5));
            clock.set(1_000_000_000);
            process.sample(sink);
        }
        // Of 100 busy ticks the server had 10, and the worker, which began meanwhile, all of its 30.
        assertThat(sink.rows.getFirst())
                .containsEntry("engine_cpu_ns", 40 * TICK)
                .containsEntry("others_cpu_ns", 60 * TICK)
                .containsEntry("minor_faults", 31L)
                .containsEntry("rss_bytes", 30 * 4096L);
    }

    @Test
    void processThatEndedWritesNothingAndSaysSo() throws Exception {
        Process child = new ProcessBuilder("sleep", "100").start();
        try (ProcessCollector process = new ProcessCollector(child.pid())) {
            process.sample(sink);
            child.destroyForcibly().waitFor();
            process.sample(sink);
            process.finish(sink);
        }
        assertThat(sink.rows).isEmpty();
        try (ProcessCollector gone = new ProcessCollector(child.pid())) {
            assertThat(gone.unavailable()).hasValueSatisfying(w -> assertThat(w).contains("ended"));
        }
    }

    @Test
    void ownProcessAgreesWithJava() throws Exception {
        ProcessHandle self = ProcessHandle.current();
        try (ProcessCollector process = new ProcessCollector(self.pid())) {
            process.sample(sink);
            long before = self.info().totalCpuDuration().orElseThrow().toNanos();
            long until = System.nanoTime() + 300_000_000;
            while (System.nanoTime() < until) {
                Thread.onSpinWait();
            }
            long used = self.info().totalCpuDuration().orElseThrow().toNanos() - before;
            process.finish(sink);
            assertThat(sink.sum("process_sample", "engine_cpu_ns")).isBetween(used - 3 * TICK, used + 10 * TICK);
        }
        assertThat(sink.rows.getFirst()).doesNotContainKey("profiler_cpu_ns");
    }
}
