package dev.hourglass.device.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class ThreadTimeTest {
    @Test
    void workCountsAndWaitingDoesNot() {
        long began = ThreadTime.cpuNs().orElseThrow();
        LockSupport.parkNanos(200_000_000L);
        long waited = ThreadTime.cpuNs().orElseThrow();
        long until = waited + 20_000_000L;
        while (ThreadTime.cpuNs().orElseThrow() < until) {
            Thread.onSpinWait();
        }

        assertThat(waited - began).isLessThan(100_000_000L);
        assertThat(ThreadTime.cpuNs().orElseThrow() - waited).isGreaterThanOrEqualTo(20_000_000L);
    }
}
