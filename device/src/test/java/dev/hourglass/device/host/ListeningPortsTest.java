package dev.hourglass.device.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ListeningPortsTest {
    private static final long SELF = ProcessHandle.current().pid();

    @Test
    void aSocketOfTheProcessIsFoundWhileItListens() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
            assertThat(ListeningPorts.of(KernelFiles.system(), Set.of(SELF))).contains(port);
            assertThat(ListeningPorts.isAnybodys(KernelFiles.system(), port)).isTrue();
        }
        assertThat(ListeningPorts.of(KernelFiles.system(), Set.of(SELF))).doesNotContain(port);
    }

    @Test
    void processesThatAreNotThereHaveNone() {
        assertThat(ListeningPorts.of(KernelFiles.system(), Set.of(4_194_305L))).isEmpty();
        assertThat(ListeningPorts.isAnybodys(KernelFiles.system(), 8000)).isFalse();
    }

    /// The kernel gives the rest of a setting to no second read.
    @Test
    void settingsOfTheKernelAreReadWhole() {
        KernelFiles files = KernelFiles.system();

        assertThat(files.text(files.proc().resolve("sys/net/ipv4/ip_local_port_range")).orElse("32768\t60999"))
                .matches("\\d+\\s+\\d+");
    }
}
