package dev.hourglass.device.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdleCoresTest {
    @TempDir
    Path dir;

    /// Contents of `/proc/stat` where core `i` was busy for `percent[i]` of 100 ticks.
    private static String stat(int... percent) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < percent.length; i++) {
            text.append("cpu")
                    .append(i)
                    .append(' ')
                    .append(percent[i])
                    .append(" 0 0 ")
                    .append(100 - percent[i])
                    .append(" 0 0 0 0\n");
        }
        return text.toString();
    }

    private IdleCores cores(PlantedFiles planted, int... percent) {
        return IdleCores.between(
                planted.files, 7, "cpu0 0 0 0 0\ncpu1 0 0 0 0\ncpu2 0 0 0 0\ncpu3 0 0 0 0\n", stat(percent));
    }

    @Test
    void countsQuietCores() {
        IdleCores cores = cores(new PlantedFiles(dir), 100, 3, 2, 100);
        assertThat(cores).isEqualTo(new IdleCores(4, 4, 2, 2.05, Double.POSITIVE_INFINITY));
        assertThat(cores.undisturbed()).isEqualTo(2);
    }

    /// Whatever works on the machine at this moment; only a limit on this process makes it fewer.
    @Test
    void theNumberOfThreadsIsTheMachines() {
        assertThat(new IdleCores(4, 8, 4, 0, Double.POSITIVE_INFINITY).threads())
                .isEqualTo(4);
        assertThat(new IdleCores(4, 8, 0, 7.5, Double.POSITIVE_INFINITY).threads())
                .isEqualTo(4);
        assertThat(new IdleCores(4, 8, 2, 0, 2.5).threads()).isEqualTo(2);
        assertThat(new IdleCores(4, 8, 0, 0, 0.5).threads()).isEqualTo(1);
    }

    @Test
    void workThatWandersOccupiesAsMuchAsItIs() {
        assertThat(cores(new PlantedFiles(dir), 50, 50).idle()).isEqualTo(1);
    }

    @Test
    void siblingsAreOneCore() {
        PlantedFiles planted = new PlantedFiles(dir)
                .sys("devices/system/cpu/cpu0/topology/thread_siblings_list", "0,2\n")
                .sys("devices/system/cpu/cpu2/topology/thread_siblings_list", "0,2\n")
                .sys("devices/system/cpu/cpu1/topology/thread_siblings_list", "1,3\n")
                .sys("devices/system/cpu/cpu3/topology/thread_siblings_list", "1,3\n");
        IdleCores cores = cores(planted, 0, 0, 99, 0);
        assertThat(cores.physical()).isEqualTo(2);
        assertThat(cores.logical()).isEqualTo(4);
        assertThat(cores.idle()).isEqualTo(1);
    }

    @Test
    void affinityAndQuotaLimit() {
        PlantedFiles planted = new PlantedFiles(dir).proc("7/status", "Cpus_allowed_list:\t1-3\n");
        assertThat(cores(planted, 0, 0, 0, 0).idle()).isEqualTo(3);
        planted.proc("7/cgroup", "0::/box\n").sys("fs/cgroup/box/cpu.max", "150000 100000\n");
        IdleCores limited = cores(planted, 0, 0, 0, 0);
        assertThat(limited.idle()).isEqualTo(1);
        assertThat(limited.limit()).isEqualTo(1.5);
    }

    @Test
    void busyMachineStillGetsOneThread() {
        IdleCores cores = cores(new PlantedFiles(dir), 100, 100);
        assertThat(cores.idle()).isZero();
        assertThat(cores.undisturbed()).isEqualTo(1);
    }

    @Test
    void thisMachine() throws Exception {
        IdleCores cores = IdleCores.measure(Duration.ofMillis(100));
        assertThat(cores.logical()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(cores.physical()).isBetween(1, cores.logical());
        assertThat(cores.idle()).isBetween(0, cores.physical());
        assertThat(cores.load()).isBetween(0.0, (double) cores.logical());
    }
}
