package dev.hourglass.device.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.device.host.PlantedFiles;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CoreCollectorTest {
    @TempDir
    Path dir;

    private final AtomicLong clock = new AtomicLong(1_000);
    private final RowList sink = new RowList();

    @Test
    void sharesAreTicksOverTicks() {
        PlantedFiles planted = new PlantedFiles(dir)
                .proc(
                        "stat",
                        "cpu  0 0 0 0 0 0 0 0 0 0\ncpu0 100 0 50 800 10 1 2 30 0 0\ncpu1 5 5 5 5 5 5 5 5 0 0\nprocs_running 3\n")
                .sys("devices/system/cpu/cpu1/cpufreq/scaling_cur_freq", "3400123\n");
        try (CoreCollector cores = new CoreCollector(planted.files, clock::get)) {
            cores.sample(sink);
            planted.proc("stat", "cpu0 140 10 60 820 20 2 3 38 0 0\ncpu1 5 5 5 15 5 5 5 5 0 0\n");
            clock.set(101_000);
            cores.sample(sink);
        }
        assertThat(sink.rows).hasSize(2);
        // user 40 + nice 10, system 10 + irq 1 + softirq 1, idle 20 + iowait 10, steal 8: 100 in all
        assertThat(sink.rows.getFirst())
                .containsEntry("ts", 1_000L)
                .containsEntry("dur", 100_000L)
                .containsEntry("core", 0L)
                .containsEntry("user_ratio", 0.50)
                .containsEntry("system_ratio", 0.12)
                .containsEntry("busy_ratio", 0.62)
                .containsEntry("steal_ratio", 0.08)
                .doesNotContainKey("freq_mhz");
        assertThat(sink.rows.getLast()).containsEntry("busy_ratio", 0.0).containsEntry("freq_mhz", 3400.123);
    }

    @Test
    void coreWithoutTicksHasNoShares() {
        PlantedFiles planted = new PlantedFiles(dir).proc("stat", "cpu0 1 1 1 1 1 1 1 1\n");
        try (CoreCollector cores = new CoreCollector(planted.files, clock::get)) {
            cores.sample(sink);
            cores.sample(sink);
        }
        assertThat(sink.rows.getFirst()).containsEntry("core", 0L).doesNotContainKeys("busy_ratio", "steal_ratio");
    }

    @Test
    void nominalClockOfGuestIsNotReported() {
        PlantedFiles planted = new PlantedFiles(dir)
                .proc("cpuinfo", "processor\t: 0\ncpu MHz\t\t: 2445.404\nflags\t\t: fpu hypervisor\n")
                .proc("stat", "cpu0 1 1 1 1\n");
        try (CoreCollector cores = new CoreCollector(planted.files, clock::get)) {
            cores.sample(sink);
            planted.proc("stat", "cpu0 2 1 1 1\n");
            cores.sample(sink);
        }
        assertThat(sink.rows.getFirst()).containsEntry("busy_ratio", 1.0).doesNotContainKey("freq_mhz");
    }

    @Test
    void measuredClockOfCpuinfoIsReported() {
        PlantedFiles planted = new PlantedFiles(dir)
                .proc("cpuinfo", "processor\t: 0\ncpu MHz\t\t: 3999.5\nflags\t\t: fpu aperfmperf\n\nprocessor\t: 1\n")
                .proc("stat", "cpu0 1 1 1 1\n");
        try (CoreCollector cores = new CoreCollector(planted.files, clock::get)) {
            cores.sample(sink);
            cores.sample(sink);
        }
        assertThat(sink.rows.getFirst()).containsEntry("freq_mhz", 3999.5);
    }

    @Test
    void missingFileIsReason() {
        try (CoreCollector cores = new CoreCollector(new PlantedFiles(dir).files, clock::get)) {
            assertThat(cores.unavailable())
                    .hasValueSatisfying(why -> assertThat(why).contains("stat"));
            cores.sample(sink);
            cores.finish(sink);
        }
        assertThat(sink.rows).isEmpty();
    }
}
