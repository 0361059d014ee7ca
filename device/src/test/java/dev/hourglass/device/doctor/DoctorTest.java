package dev.hourglass.device.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.device.collect.PerfCounters;
import dev.hourglass.device.host.IdleCores;
import dev.hourglass.device.host.PlantedFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
    @TempDir
    Path dir;

    private static Check find(List<Check> checks, String id) {
        return checks.stream().filter(c -> c.id().equals(id)).findFirst().orElseThrow();
    }

    @Test
    void everyCheckSaysWhatItIsForAndNoIdTwice() throws Exception {
        List<Check> checks = Doctor.examine(new Doctor.Engine("engine 1", Optional.empty()), dir.resolve("a/b"));
        assertThat(checks)
                .extracting(Check::id)
                .doesNotHaveDuplicates()
                .contains(
                        "engine.library",
                        "cpu.governor",
                        "memory",
                        "disk",
                        "cgroup",
                        "thp",
                        "perf.permission",
                        "perf.cycles",
                        "uprobe",
                        "gpu.driver",
                        "gpu.nvml",
                        "gpu.gpm",
                        "tool.nsys",
                        "tool.ncu",
                        "tool.perf");
        assertThat(checks).allSatisfy(check -> {
            assertThat(check.detail()).isNotBlank().doesNotEndWith(".").doesNotContain("\n");
            assertThat(check.neededFor()).isNotBlank();
            if (check.state() == Check.State.OK) {
                assertThat(check.enable()).isEmpty();
            }
        });
        assertThat(find(checks, "engine.library").detail()).isEqualTo("engine 1");
        assertThat(find(checks, "disk").detail()).contains(dir.toString());
    }

    @Test
    void perfChecksAgreeWithTheCounters() throws Exception {
        List<Check> checks = Doctor.examine(new Doctor.Engine("", Optional.of("missing")), dir);
        assertThat(find(checks, "engine.library").state()).isEqualTo(Check.State.UNAVAILABLE);
        try (PerfCounters counters = new PerfCounters(ProcessHandle.current().pid())) {
            Map<String, String> reasons = counters.reasons();
            for (String event : counters.events()) {
                assertThat(find(checks, "perf." + event).state() == Check.State.UNAVAILABLE)
                        .as(event)
                        .isEqualTo(reasons.containsKey(event));
            }
        }
    }

    @Test
    void plantedMachine() {
        PlantedFiles planted = new PlantedFiles(dir)
                .proc("cpuinfo", "processor : 0\nflags : avx2\n")
                .sys("devices/system/cpu/online", "0\n")
                .sys("devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n")
                .sys("devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "1200000\n");
        List<Check> cpu = CpuChecks.all(planted.files, new IdleCores(4, 8, 1, 3.2, Double.POSITIVE_INFINITY));
        assertThat(find(cpu, "cpu.governor").state()).isEqualTo(Check.State.LIMITED);
        assertThat(find(cpu, "cpu.governor").enable()).hasValue("cpupower frequency-set -g performance");
        assertThat(find(cpu, "cpu.frequency").detail()).startsWith("1200 MHz");
        assertThat(find(cpu, "cpu.virtualization").state()).isEqualTo(Check.State.OK);
        assertThat(find(cpu, "cpu.idle").detail())
                .isEqualTo("1 of 4 physical cores idle now, other work uses 3.2 CPUs");

        planted.proc("driver/nvidia/params", "ResmanDebugLevel: 1\nRmProfilingAdminOnly: 1\n")
                .sys("kernel/mm/transparent_hugepage/enabled", "always madvise [never]\n")
                .proc("meminfo", "MemAvailable: 1000000 kB\n");
        assertThat(find(GpuChecks.all(planted.files), "gpu.counters").state()).isEqualTo(Check.State.LIMITED);
        List<Check> host = HostChecks.all(planted.files, dir);
        assertThat(find(host, "thp").state()).isEqualTo(Check.State.LIMITED);
        assertThat(find(host, "memory").state()).isEqualTo(Check.State.LIMITED);
        assertThat(find(host, "cgroup").state()).isEqualTo(Check.State.OK);
    }

    @Test
    void toolsAreFoundOnThePath() throws Exception {
        Path tool = Files.createFile(dir.resolve("ncu"));
        Map<String, String> path = Map.of("PATH", "/nowhere::" + dir);
        assertThat(GpuChecks.onPath(path, "ncu")).isEmpty();
        assertThat(tool.toFile().setExecutable(true)).isTrue();
        assertThat(GpuChecks.onPath(path, "ncu")).hasValue(tool);
        assertThat(GpuChecks.onPath(Map.of(), "ncu")).isEmpty();
    }
}
