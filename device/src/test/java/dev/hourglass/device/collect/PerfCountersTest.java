package dev.hourglass.device.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hourglass.device.ffi.perf.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PerfCountersTest {
    private final RowList sink = new RowList();
    private final long self = ProcessHandle.current().pid();

    private Map<String, Object> row(String event) {
        return sink.of("perf_count").stream()
                .filter(row -> event.equals(row.get("event")))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void everyEventHasValueOrReason() {
        try (PerfCounters counters = new PerfCounters(self)) {
            counters.start();
            counters.finish(sink);
            assertThat(sink.of("perf_count")).hasSize(counters.events().size());
            assertThat(counters.events())
                    .contains("cycles", "instructions", "L1-dcache-load-misses", "LLC-load-misses");
        }
        assertThat(sink.of("perf_count"))
                .allSatisfy(row -> assertThat(row.containsKey("value")).isNotEqualTo(row.containsKey("reason")));
    }

    @Test
    void taskClockIsCpuTimeAlsoOfThreadsThatBeginLater() throws Exception {
        try (PerfCounters counters = new PerfCounters(self)) {
            assumeTrue(!counters.reasons().containsKey("task-clock"), () -> "task-clock: " + counters.reasons());
            long before = processCpu();
            counters.start();
            Thread later = Thread.ofPlatform().start(() -> {
                long until = System.nanoTime() + 400_000_000;
                while (System.nanoTime() < until) {
                    Thread.onSpinWait();
                }
            });
            Thread.sleep(10);
            counters.sample(sink);
            later.join();
            long used = processCpu() - before;
            counters.finish(sink);
            assertThat((Long) row("task-clock").get("value")).isBetween(used / 2, used + 60_000_000);
        }
    }

    private static long processCpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
    }

    @Test
    void pageFaultsOfTouchedMemoryAreCounted() {
        try (PerfCounters counters = new PerfCounters(self);
                Arena arena = Arena.ofConfined()) {
            assumeTrue(!counters.reasons().containsKey("minor-faults"), () -> "minor-faults: " + counters.reasons());
            counters.start();
            // allocation clears the memory, so that every page is touched; so much is never memory that was freed
            // before
            MemorySegment touched = arena.allocate(64 << 20);
            counters.finish(sink);
            assertThat(touched.get(ValueLayout.JAVA_BYTE, 1 << 20)).isZero();
            long faults = (Long) row("minor-faults").get("value");
            assertThat(faults).isBetween(16L, 60_000L);
        }
    }

    @Test
    void instructionsAreCountedWhereThereIsAPmu() {
        try (PerfCounters counters = new PerfCounters(self)) {
            assumeTrue(
                    !counters.reasons().containsKey("instructions"),
                    () -> "instructions: " + counters.reasons().get("instructions"));
            counters.start();
            long sum = 0;
            for (int i = 0; i < 50_000_000; i++) {
                sum += i ^ (sum << 1);
            }
            counters.finish(sink);
            assertThat(sum).isNotZero();
            assertThat((Long) row("instructions").get("value")).isGreaterThan(50_000_000L);
        }
    }

    @Test
    void processThatEndedHasReasons() throws Exception {
        Process child = new ProcessBuilder("true").start();
        child.waitFor();
        try (PerfCounters counters = new PerfCounters(child.pid())) {
            counters.start();
            counters.finish(sink);
        }
        assertThat(sink.of("perf_count"))
                .allSatisfy(row -> assertThat(row).containsKey("reason").doesNotContainKey("value"));
    }

    @Test
    void refusalNamesTheSetting() {
        assertThat(new PerfPermission("4", false).reason(Errno.EACCES))
                .startsWith("EACCES")
                .contains("perf_event_paranoid = 4")
                .contains("sysctl -w kernel.perf_event_paranoid=1")
                .contains("CAP_PERFMON");
        assertThat(new PerfPermission("2", true).reason(Errno.ENOENT)).contains("virtual machine");
        assertThat(new PerfPermission("2", false).reason(Errno.ENOENT)).doesNotContain("virtual machine");
        assertThat(new PerfPermission("2", false).probeReason(Errno.EACCES)).contains("CAP_PERFMON");
    }
}
