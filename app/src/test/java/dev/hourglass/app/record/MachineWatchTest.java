package dev.hourglass.app.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Collector;
import dev.hourglass.core.trace.RowSpool;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineWatchTest {
    @TempDir
    private Path directory;

    /// Counts its samples, one row each.
    private static final class Counting implements Collector {
        private long samples;

        @Override
        public String name() {
            return "counting";
        }

        @Override
        public Optional<String> unavailable() {
            return Optional.empty();
        }

        @Override
        public void sample(BatchSink sink) {
            row(samples++, sink);
        }

        @Override
        public void finish(BatchSink sink) {
            row(-1, sink);
        }

        private static void row(long ts, BatchSink sink) {
            try (RowWriter rows = new RowWriter(Tables.PROCESS_SAMPLE, sink)) {
                rows.set("ts", ts).end();
            }
        }

        @Override
        public void close() {}
    }

    private static List<Long> read(Path file) throws IOException {
        List<Long> moments = new ArrayList<>();
        RowSpool.read(file, batch -> {
            for (int row = 0; row < batch.size(); row++) {
                moments.add(batch.longs(batch.table().indexOf("ts"))[row]);
            }
        });
        return moments;
    }

    /// Nothing waits in memory for the end: what is in the file is all that there is.
    @Test
    void aSampleIsInTheFileAsSoonAsItIsTaken() throws IOException {
        Path file = directory.resolve("machine.rows");
        try (MachineWatch watch = new MachineWatch(List.of(new Counting()), file)) {
            for (int taken = 1; taken <= 50; taken++) {
                watch.sample();
                assertThat(read(file)).hasSize(taken);
            }
            Files.write(file, new byte[0]);
            assertThat(read(file)).isEmpty();
            List<Object> handed = new ArrayList<>();
            watch.read(handed::add);
            assertThat(handed).isEmpty();
        }
    }

    @Test
    void theEndAddsALastSampleAndWhatOnlyItTells() throws Exception {
        Path file = directory.resolve("machine.rows");
        try (MachineWatch watch = new MachineWatch(List.of(new Counting()), file)) {
            watch.start();
            watch.stop();
            watch.stop();
        }
        List<Long> moments = read(file);
        assertThat(moments).hasSizeGreaterThanOrEqualTo(2).endsWith(-1L);
        assertThat(moments.subList(0, moments.size() - 1)).isSorted();
    }

    @Test
    void aCollectorThatFailsIsTold() throws Exception {
        CountDownLatch sampled = new CountDownLatch(1);
        Collector failing = new Collector() {
            @Override
            public String name() {
                return "failing";
            }

            @Override
            public Optional<String> unavailable() {
                return Optional.empty();
            }

            @Override
            public void sample(BatchSink sink) {
                sampled.countDown();
                throw new IllegalArgumentException("no such file");
            }

            @Override
            public void finish(BatchSink sink) {}

            @Override
            public void close() {}
        };
        try (MachineWatch watch = new MachineWatch(List.of(failing), directory.resolve("machine.rows"))) {
            watch.start();
            sampled.await();
            assertThatThrownBy(watch::stop).hasMessage("a collector failed").hasRootCauseMessage("no such file");
        }
    }

    /// Samples and is gone, as a recorder that is killed.
    static final class Killed {
        private Killed() {}

        public static void main(String[] args) {
            MachineWatch watch = new MachineWatch(List.of(new Counting()), Path.of(args[0]));
            for (int i = 0; i < 7; i++) {
                watch.sample();
            }
            Runtime.getRuntime().halt(9);
        }
    }

    @Test
    void samplesOutliveTheirRecorder() throws Exception {
        Path file = directory.resolve("machine.rows");
        Process recorder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Killed.class.getName(),
                        file.toString())
                .inheritIO()
                .start();
        assertThat(recorder.waitFor()).isEqualTo(9);
        assertThat(read(file)).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L);
    }
}
