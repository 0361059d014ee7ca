package dev.hourglass.device.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlGroupTest {
    @TempDir
    Path dir;

    @Test
    void tightestOfAncestorsCounts() {
        PlantedFiles planted = new PlantedFiles(dir)
                .proc("7/cgroup", "0::/a/b\n")
                .sys("fs/cgroup/a/b/cpu.max", "max 100000\n")
                .sys("fs/cgroup/a/cpu.max", "250000 100000\n")
                .sys("fs/cgroup/a/b/memory.max", "2147483648\n")
                .sys("fs/cgroup/a/b/memory.current", "1000\n")
                .sys("fs/cgroup/a/b/memory.stat", "anon 600\nfile 400\ninactive_file 300\n")
                .sys("fs/cgroup/a/memory.max", "max\n")
                .sys("fs/cgroup/a/cpu.stat", "usage_usec 5\nnr_throttled 2\nthrottled_usec 17\n");
        assertThat(ControlGroup.of(planted.files, 7))
                .isEqualTo(new ControlGroup(
                        OptionalDouble.of(2.5),
                        OptionalLong.of(1L << 31),
                        OptionalLong.of((1L << 31) - 700),
                        OptionalLong.of(17_000)));
    }

    @Test
    void firstVersion() {
        PlantedFiles planted = new PlantedFiles(dir)
                .proc("7/cgroup", "4:memory:/m\n2:cpu,cpuacct:/c\n")
                .sys("fs/cgroup/cpu,cpuacct/c/cpu.cfs_quota_us", "50000\n")
                .sys("fs/cgroup/cpu,cpuacct/c/cpu.cfs_period_us", "100000\n")
                .sys("fs/cgroup/memory/m/memory.limit_in_bytes", "1048576\n")
                .sys("fs/cgroup/memory/m/memory.usage_in_bytes", "64\n")
                .sys("fs/cgroup/memory/m/memory.stat", "total_inactive_file 40\n")
                .sys("fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        assertThat(ControlGroup.of(planted.files, 7))
                .isEqualTo(new ControlGroup(
                        OptionalDouble.of(0.5),
                        OptionalLong.of(1 << 20),
                        OptionalLong.of((1 << 20) - 24),
                        OptionalLong.empty()));
    }

    @Test
    void unlimitedAndEscapingPaths() {
        PlantedFiles planted = new PlantedFiles(dir)
                .proc("7/cgroup", "0::/../../x\nnonsense\n1:cpu:/c\n")
                .sys("fs/cgroup/cpu/c/cpu.cfs_quota_us", "-1\n")
                .sys("fs/cgroup/cpu/c/cpu.cfs_period_us", "100000\n");
        assertThat(ControlGroup.of(planted.files, 7))
                .isEqualTo(new ControlGroup(
                        OptionalDouble.empty(), OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty()));
    }
}
