package dev.hourglass.device.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProcessTreeTest {
    @Test
    void whatWasStartedStaysWhenItsParentEnds() throws Exception {
        Process shell = new ProcessBuilder("sh", "-c", "sleep 100 & echo $!; read line").start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(shell.getInputStream(), StandardCharsets.UTF_8))) {
            long child = Long.parseLong(String.valueOf(out.readLine()));
            ProcessTree tree = new ProcessTree(shell.toHandle());
            assertThat(tree.get()).containsExactly(shell.pid(), child);
            shell.destroyForcibly().waitFor();
            assertThat(tree.get()).containsExactly(child);
            ProcessHandle orphan = ProcessHandle.of(child).orElseThrow();
            orphan.destroyForcibly();
            orphan.onExit().get();
            assertThat(tree.get()).isEmpty();
        } finally {
            shell.destroyForcibly();
        }
    }
}
