package dev.hourglass.app.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.trace.EventBatch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadyWatchTest {
    private static final Path GOLDEN =
            Path.of("../core/src/test/resources/probe/golden").toAbsolutePath();
    private static final long S = 1_000_000_000L;

    @TempDir
    private Path directory;

    private final List<String> said = new ArrayList<>();
    private final List<EventBatch> batches = new ArrayList<>();
    private long now = 100 * S;

    private ReadyWatch watch(Path records, boolean isEngine, OptionalInt port) {
        Set<Long> self = Set.of(ProcessHandle.current().pid());
        return new ReadyWatch(
                new ReadyWatch.Watched(() -> self, records, isEngine, port),
                Duration.ofSeconds(900),
                said::add,
                () -> now);
    }

    private List<String> told(String table, String column) {
        List<String> told = new ArrayList<>();
        for (EventBatch batch : batches) {
            for (int row = 0; batch.table().name().equals(table) && row < batch.size(); row++) {
                byte[] text = batch.texts(batch.table().indexOf(column))[row];
                told.add(new String(text, StandardCharsets.UTF_8));
            }
        }
        return told;
    }

    private void pass(ReadyWatch watch, int seconds) {
        for (int i = 0; i < seconds; i += 100) {
            now += 100 * S;
            watch.sample(batches::add);
        }
    }

    @Test
    void anEngineThatNeverGetsReadyIsToldOnceAndInTheSession() {
        ReadyWatch watch = watch(directory, true, OptionalInt.of(1));
        pass(watch, 800);
        assertThat(said).isEmpty();
        pass(watch, 400);
        watch.finish(batches::add);

        assertThat(said).singleElement().asString().contains("within 900 s of its start; it is recorded on");
        assertThat(told("import_stat", "kind")).containsExactly("never_ready");
        assertThat(told("import_stat", "place").getFirst()).contains("within 900 s").contains("1200 s after it");
    }

    @Test
    void aCommandThatIsNoEngineIsNeverTold() {
        ReadyWatch watch = watch(directory, false, OptionalInt.empty());
        pass(watch, 2000);
        watch.finish(batches::add);

        assertThat(said).isEmpty();
        assertThat(batches).isEmpty();
    }

    @Test
    void anEngineWhoseProbeSawAStepIsReady() {
        ReadyWatch watch = watch(GOLDEN, false, OptionalInt.of(1));
        pass(watch, 2000);
        watch.finish(batches::add);

        assertThat(said).isEmpty();
        assertThat(told("metadata", "name")).containsExactly("engine.ready");
        assertThat(told("metadata", "value").getFirst()).endsWith("100 s after its start");
    }

    @Test
    void anEngineThatListensOnItsPortIsReady() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ReadyWatch watch = watch(directory, true, OptionalInt.of(socket.getLocalPort()));
            pass(watch, 2000);
            watch.finish(batches::add);

            assertThat(told("metadata", "value"))
                    .containsExactly("listens on port " + socket.getLocalPort() + " 100 s after its start");
        }
    }

    /// Engines open ports that the kernel chooses for their own processes, long before they are ready.
    @Test
    void aPortThatNobodyChoseIsNoSign() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ReadyWatch watch = watch(directory, true, OptionalInt.empty());
            pass(watch, 1000);

            watch.finish(batches::add);
            assertThat(told("metadata", "value")).as(socket.getLocalPort() + "").isEmpty();
            assertThat(said).hasSize(1);
        }
    }
}
