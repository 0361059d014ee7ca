package dev.hourglass.device.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.unit.Unit;
import dev.hourglass.device.host.MemoryLayers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class ReadBandwidthTest {
    private static final Duration BRIEF = Duration.ofMillis(150);

    @Test
    void dramIsReadAtPlausibleSpeedAndTheCeilingIsTheBest() throws Exception {
        Optional<Ceiling> dram = ReadBandwidth.dram(1, BRIEF);
        Assumptions.assumeTrue(dram.isPresent(), "memory for a buffer larger than the caches");
        Ceiling ceiling = dram.orElseThrow();
        assertThat(ceiling.name()).isEqualTo("dram_read");
        assertThat(ceiling.unit()).isEqualTo(Unit.BYTES_PER_SECOND);
        assertThat(ceiling.threads()).isEqualTo(1);
        assertThat(ceiling.n()).isPositive();
        // slower than 0.5 GB/s is no machine that runs a model, faster than 200 GB/s no single core
        assertThat(ceiling.value()).isBetween(0.5e9, 200e9).isGreaterThanOrEqualTo(ceiling.median());
    }

    @Test
    void severalThreadsMeetAndEnd() throws Exception {
        long start = System.nanoTime();
        Optional<Ceiling> ceiling = ReadBandwidth.lastLevelCache(3, BRIEF);
        Assumptions.assumeTrue(
                ceiling.isPresent(),
                "a last-level cache that is larger than the one below: "
                        + MemoryLayers.read().caches());
        assertThat(ceiling.orElseThrow().threads()).isEqualTo(3);
        assertThat(ceiling.orElseThrow().value()).isGreaterThan(1e9);
        assertThat(System.nanoTime() - start).isLessThan(20_000_000_000L);
    }

    @Test
    void interruptEndsIt() throws Exception {
        List<Throwable> thrown = new ArrayList<>();
        Thread measuring = Thread.ofPlatform().start(() -> {
            try {
                ReadBandwidth.dram(2, Duration.ofMinutes(5));
            } catch (Throwable e) {
                thrown.add(e);
            }
        });
        Thread.sleep(300);
        measuring.interrupt();
        measuring.join(Duration.ofSeconds(20));
        assertThat(measuring.isAlive()).isFalse();
        assertThat(thrown).singleElement().isInstanceOf(InterruptedException.class);
    }

    @Test
    void threadsMustBePositive() {
        assertThatThrownBy(() -> ReadBandwidth.measure(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void rowCarriesUnitAndSpread() {
        List<EventBatch> batches = new ArrayList<>();
        new Ceiling("dram_read", "cpu", "", 2e10, Unit.BYTES_PER_SECOND, 1.5e10, 1e9, 7, 2, "test", Ceiling.More.NONE)
                .write(batches::add);
        EventBatch batch = batches.getFirst();
        assertThat(batch.size()).isEqualTo(1);
        assertThat(batch.doubles(batch.table().indexOf("value"))[0]).isEqualTo(2e10);
        assertThat(batch.longs(batch.table().indexOf("threads"))[0]).isEqualTo(2);
        assertThat(new String(batch.texts(batch.table().indexOf("unit"))[0], StandardCharsets.UTF_8))
                .isEqualTo("B/s");
    }
}
