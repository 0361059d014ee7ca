package dev.hourglass.device.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.device.collect.RowList;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostInfoTest {
    @TempDir
    Path dir;

    @Test
    void plantedMachine() {
        PlantedFiles planted = new PlantedFiles(dir)
                .proc(
                        "cpuinfo",
                        "processor : 0\nmodel name : Fast CPU\nflags : avx2 avx512f hypervisor fma\ncpu MHz : 2000\n")
                .proc("meminfo", "MemTotal:       1000 kB\n")
                .proc("sys/kernel/perf_event_paranoid", "4\n")
                .sys("devices/system/cpu/online", "0-3\n")
                .sys("devices/system/cpu/cpu0/topology/thread_siblings_list", "0-1\n")
                .sys("devices/system/cpu/cpu1/topology/thread_siblings_list", "0-1\n")
                .sys("devices/system/cpu/cpu2/topology/thread_siblings_list", "2-3\n")
                .sys("devices/system/cpu/cpu3/topology/thread_siblings_list", "2-3\n")
                .sys("devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n")
                .sys("kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n")
                .sys("class/dmi/id/sys_vendor", "QEMU\n");
        assertThat(HostInfo.read(planted.files).facts())
                .containsEntry("host.cpu", "Fast CPU")
                .containsEntry("host.cores_physical", "2")
                .containsEntry("host.cores_logical", "4")
                .containsEntry("host.smt", "true")
                .containsEntry("host.isa", "fma avx2 avx512f")
                .containsEntry("host.governor", "powersave")
                .containsEntry("host.memory_bytes", "1024000")
                .containsEntry("host.transparent_hugepages", "madvise")
                .containsEntry("host.virtualization", "virtual machine (QEMU)")
                .containsEntry("host.perf_event_paranoid", "4")
                .containsEntry("host.cpu_nominal_mhz", "2000.0")
                .doesNotContainKeys("host.l3_bytes", "host.numa_nodes");
    }

    @Test
    void emptyMachineTellsNothingAndDoesNotFail() {
        assertThat(HostInfo.read(new PlantedFiles(dir).files).facts()).doesNotContainKeys("host.cpu", "host.kernel");
    }

    @Test
    void thisMachineAgreesWithTheSystemsOwnTools() throws Exception {
        HostInfo host = HostInfo.read();
        assertThat(host.facts()).containsEntry("host.cores_logical", output("getconf", "_NPROCESSORS_ONLN"));
        assertThat(host.facts()).containsEntry("host.kernel", output("uname", "-r"));
        long pages = Long.parseLong(output("getconf", "_PHYS_PAGES"));
        long page = Long.parseLong(output("getconf", "PAGE_SIZE"));
        assertThat(Long.parseLong(host.facts().getOrDefault("host.memory_bytes", "0")))
                .isEqualTo(pages * page);
        RowList sink = new RowList();
        host.write(sink);
        assertThat(sink.of("metadata")).hasSameSizeAs(host.facts().entrySet());
    }

    private static String output(String... command) throws Exception {
        Process process = new ProcessBuilder(command).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Assumptions.assumeTrue(process.waitFor() == 0, command[0] + " works here");
        return text.strip();
    }
}
