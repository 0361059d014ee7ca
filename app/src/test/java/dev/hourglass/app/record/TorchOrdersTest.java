package dev.hourglass.app.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hourglass.device.host.Datagrams;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/// Orders for traces, given to a process that asks as PyTorch does.
@Isolated
class TorchOrdersTest {
    /// Kineto's side of the talk, written from its description: tells that it is there, asks, writes what is
    /// ordered.
    private static final String ASKS = """
            import os, socket, struct, sys, time
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.bind("\\0dynoconfigclient%d\\0" % os.getpid())
            s.settimeout(10)
            def ask(kind, body):
                s.sendto(struct.pack("<Q32s", len(body), kind) + body, "\\0dynolog\\0")
                data, _ = s.recvfrom(65536)
                size, name = struct.unpack_from("<Q32s", data)
                assert name.rstrip(b"\\0") == kind
                return data[40:40 + size]
            assert len(ask(b"ctxt", struct.pack("<iiq", 0, os.getpid(), 0))) == 4
            s.sendto(b"nonsense", "\\0dynolog\\0")
            s.sendto(struct.pack("<Q32s", 1 << 60, b"req"), "\\0dynolog\\0")
            told = []
            while len(told) < 1:
                assert ask(b"req", struct.pack("<iiq2i", 1, 2, 0, os.getpid(), os.getppid())) == b""
                told += [t for t in [ask(b"req", struct.pack("<iiq2i", 3, 2, 0, os.getpid(), os.getppid()))] if t]
                time.sleep(0.05)
            assert ask(b"req", struct.pack("<iiq2i", 3, 2, 0, os.getpid(), os.getppid())) == b""
            lines = dict(line.split("=", 1) for line in told[0].decode().splitlines())
            assert lines["ACTIVITIES_DURATION_MSECS"] == "250" and lines["PROFILE_START_TIME"] == "0"
            with open(lines["ACTIVITIES_LOG_FILE"].replace(".json", "_%d.json" % os.getpid()), "w") as file:
                file.write("{}")
            """;

    @TempDir
    private Path records;

    @Test
    void aProcessThatAsksMakesTheTraceThatIsOrderedOnce() throws IOException, InterruptedException {
        Optional<TorchOrders> serving = TorchOrders.serving();
        assumeTrue(serving.isPresent(), "another process of this machine serves");
        try (TorchOrders here = serving.get()) {
            Process asking =
                    new ProcessBuilder("python3", "-c", ASKS).inheritIO().start();
            // The order names the process above the one that asks: a launcher, of its workers.
            TorchTraceOrder order = TorchTraceOrder.of(ProcessHandle.current().pid(), Duration.ofMillis(250));
            assertThat(TorchOrders.orderElsewhere(order)).isTrue();
            assertThat(order.fetch(Optional.of(here), records)).isEqualTo(1);
            assertThat(asking.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(asking.exitValue()).isZero();
        }
        try (Stream<Path> files = Files.list(records)) {
            assertThat(files.map(file -> String.valueOf(file.getFileName())))
                    .singleElement()
                    .asString()
                    .matches("torch-\\d+-0-\\d+\\.json");
        }
    }

    @Test
    void onlyOneServes() {
        Optional<TorchOrders> first = TorchOrders.serving();
        assumeTrue(first.isPresent(), "another process of this machine serves");
        try (TorchOrders _ = first.get()) {
            assertThat(TorchOrders.serving()).isEmpty();
        }
    }

    @Test
    void noOrderGoesOutWhereNobodyServes() throws IOException, InterruptedException {
        assumeTrue(!TorchOrders.orderElsewhere(TorchTraceOrder.of(1, Duration.ofMillis(1))), "somebody serves");
        assertThat(TorchTraceOrder.of(1, Duration.ofMillis(1)).fetch(Optional.empty(), records))
                .isZero();
    }

    @Test
    void anOrderFromElsewhereNamesNoOtherFile() {
        assertThat(KinetoMessage.of(KinetoMessage.order(TorchTraceOrder.of(7, Duration.ofSeconds(1)))
                                .bytes())
                        .flatMap(KinetoMessage::ordered)
                        .map(order -> List.of(order.pid(), order.length().toMillis())))
                .contains(List.of(7L, 1000L));
        for (String name : List.of("../etc/x", "hourglass-torch-1-2.json\nACTIVITIES_LOG_FILE=/x", "")) {
            KinetoMessage message = KinetoMessage.order(new TorchTraceOrder(7, Duration.ofSeconds(1), name));
            assertThat(message.ordered()).as(name).isEmpty();
        }
    }

    @Test
    void nonsenseIsNoMessage() {
        assertThat(KinetoMessage.of(new byte[39])).isEmpty();
        byte[] tooLong = KinetoMessage.text("req", "abc").bytes();
        tooLong[0] = 9;
        assertThat(KinetoMessage.of(tooLong)).isEmpty();
        assertThat(new KinetoMessage("req", new byte[3]).pids()).isEmpty();
        assertThat(Datagrams.address("dynolog")).isEqualTo("\0dynolog\0".getBytes(StandardCharsets.US_ASCII));
    }
}
