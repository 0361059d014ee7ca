package dev.hourglass.device.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.device.host.PlantedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThreadCollectorTest {
    @TempDir
    Path dir;

    private final AtomicLong clock = new AtomicLong(5);
    private final RowList sink = new RowList();

    private static String status(int voluntary, int involuntary) {
        return "Name:\tx\nvoluntary_ctxt_switches:\t" + voluntary + "\nnonvoluntary_ctxt_switches:\t" + involuntary
                + "\n";
    }

    @Test
    void differencesOfPlantedThreads() {
        PlantedFiles planted = new PlantedFiles(dir)
                .proc("7/task/7/schedstat", "100 10 1\n")
                .proc("7/task/7/comm", "<b>\u001b[31m'; DROP\n")
                .proc("7/task/7/status", status(4, 2))
                .proc("7/task/8/schedstat", "50 0 1\n");
        try (ThreadCollector threads = new ThreadCollector(planted.files, () -> Set.of(7L), clock::get)) {
            assertThat(threads.unavailable()).isEmpty();
            threads.sample(sink);
            planted.proc("7/task/7/schedstat", "900 30 9\n")
                    .proc("7/task/7/status", status(5, 9))
                    .proc("7/task/9/schedstat", "70 7 1\n");
            clock.set(1005);
            threads.sample(sink);
        }
        assertThat(sink.rows).hasSize(2);
        assertThat(sink.rows.getFirst())
                .containsEntry("ts", 5L)
                .containsEntry("dur", 1000L)
                .containsEntry("tid", 7L)
                .containsEntry("name", "<b>\u001b[31m'; DROP")
                .containsEntry("run_ns", 800L)
                .containsEntry("wait_ns", 20L)
                .containsEntry("voluntary_switches", 1L)
                .containsEntry("involuntary_switches", 7L);
        assertThat(sink.rows.getLast())
                .as("a thread that began in the interval, without a status file")
                .containsEntry("tid", 9L)
                .containsEntry("run_ns", 70L)
                .containsEntry("wait_ns", 7L)
                .doesNotContainKey("voluntary_switches");
    }

    @Test
    void reasonsWhyNot() {
        PlantedFiles planted = new PlantedFiles(dir).proc("7/task/7/comm", "x\n");
        try (ThreadCollector none = new ThreadCollector(planted.files, () -> Set.of(6L), clock::get);
                ThreadCollector unaccounted = new ThreadCollector(planted.files, () -> Set.of(7L), clock::get)) {
            assertThat(none.unavailable()).hasValueSatisfying(w -> assertThat(w).contains("ended"));
            assertThat(unaccounted.unavailable())
                    .hasValueSatisfying(w -> assertThat(w).contains("CONFIG_SCHED_INFO"));
        }
    }

    @Test
    void busyThreadRunsAndSleeperDoesNot() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        long cpuBefore = processCpu();
        Thread busy = Thread.ofPlatform().name("hg-busy").start(() -> {
            while (!stop.get()) {
                Thread.onSpinWait();
            }
        });
        Thread sleeper = Thread.ofPlatform().name("hg-sleeper").start(() -> {
            while (!stop.get()) {
                LockSupport.parkNanos(5_000_000);
            }
        });
        ThreadCollector threads = new ThreadCollector(ProcessHandle.current().pid());
        try (threads) {
            threads.sample(sink);
            for (int i = 0; i < 5; i++) {
                Thread.sleep(100);
                threads.sample(sink);
            }
        } finally {
            stop.set(true);
            busy.join();
            sleeper.join();
        }
        long run = total("hg-busy", "run_ns");
        long queued = total("hg-busy", "wait_ns");
        long wall = sink.of("thread_sample").stream()
                .filter(row -> "hg-busy".equals(row.get("name")))
                .mapToLong(row -> (Long) row.get("dur"))
                .sum();
        // a thread that always wants a CPU is either on one or in the queue
        assertThat((double) (run + queued) / wall).isBetween(0.95, 1.05);
        assertThat(run).isLessThanOrEqualTo(processCpu() - cpuBefore + 20_000_000);
        assertThat((double) total("hg-sleeper", "run_ns") / wall).isLessThan(0.1);
        assertThat(total("hg-sleeper", "voluntary_switches")).isBetween(5L, 150L);
    }

    private static long processCpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
    }

    private long total(String thread, String column) {
        return sink.of("thread_sample").stream()
                .filter(row -> thread.equals(row.get("name")))
                .mapToLong(row -> (Long) row.getOrDefault(column, 0L))
                .sum();
    }

    @Test
    void threadThatEndsIsForgotten() throws Exception {
        ThreadCollector threads = new ThreadCollector(ProcessHandle.current().pid());
        try (threads) {
            AtomicBoolean stop = new AtomicBoolean();
            Thread brief = Thread.ofPlatform().name("hg-brief").start(() -> {
                while (!stop.get()) {
                    Thread.onSpinWait();
                }
            });
            threads.sample(sink);
            stop.set(true);
            brief.join();
            Thread.sleep(50);
            threads.sample(sink);
            int before = sink.rows.size();
            threads.sample(sink);
            assertThat(sink.rows.subList(before, sink.rows.size()))
                    .extracting(row -> row.get("name"))
                    .doesNotContain("hg-brief");
        }
        long descriptors;
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            descriptors = open.map(ThreadCollectorTest::target)
                    .filter(t -> t.endsWith("schedstat"))
                    .count();
        }
        assertThat(descriptors).as("files left open").isZero();
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException gone) {
            return "";
        }
    }
}
