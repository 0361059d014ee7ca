package dev.hourglass.app.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProbeEnvironmentTest {
    private static final Path PROBE = Path.of("/image/probe");
    private static final Path RECORDS = Path.of("/session/probe");

    @Test
    void theProbeStandsBeforeWhatPythonFindsAlready() {
        assertThat(ProbeEnvironment.of(PROBE, RECORDS, ProbeEnvironment.Wishes.USUAL, Map.of("PYTHONPATH", "/own")))
                .containsExactly(
                        Map.entry("HOURGLASS_DIR", "/session/probe"), Map.entry("PYTHONPATH", "/image/probe:/own"));
    }

    @Test
    void anEngineThatIsToldItsPluginsIsToldThisOneToo() {
        assertThat(ProbeEnvironment.of(PROBE, RECORDS, ProbeEnvironment.Wishes.USUAL, Map.of("VLLM_PLUGINS", "lora")))
                .containsEntry("VLLM_PLUGINS", "lora,hourglass");
        assertThat(ProbeEnvironment.of(PROBE, RECORDS, ProbeEnvironment.Wishes.USUAL, Map.of("VLLM_PLUGINS", "")))
                .containsEntry("VLLM_PLUGINS", "hourglass");
    }

    @Test
    void wishesAreHandedOn() {
        assertThat(ProbeEnvironment.of(PROBE, RECORDS, new ProbeEnvironment.Wishes("moe", "cpu,batch", true), Map.of()))
                .containsEntry("HOURGLASS_ENABLE", "moe")
                .containsEntry("HOURGLASS_DISABLE", "cpu,batch")
                .containsEntry("HOURGLASS_VERBOSE", "1")
                .containsEntry("PYTHONPATH", "/image/probe")
                .doesNotContainKeys("HOURGLASS_GPU", "HOURGLASS_TORCH_PROFILE");
        assertThat(ProbeEnvironment.of(
                        PROBE, RECORDS, new ProbeEnvironment.Wishes("", "", false, "always", "steps=3"), Map.of()))
                .containsEntry("HOURGLASS_GPU", "always")
                .containsEntry("HOURGLASS_TORCH_PROFILE", "steps=3");
    }
}
