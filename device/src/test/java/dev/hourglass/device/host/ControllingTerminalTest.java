package dev.hourglass.device.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControllingTerminalTest {
    @TempDir
    private Path dir;

    @ParameterizedTest
    @CsvSource({
        // state, parent, group, session, terminal, group in the foreground
        "7 (a) b (c) S 1 70 70 34816 70 0, true",
        "7 (behind) S 1 70 70 34816 71 0, false",
        "7 (service) S 1 70 70 0 -1 0, false",
        "7 (short, false",
        "'', false"
    })
    void whoIsInTheForegroundGetsWhatIsTyped(String stat, boolean ours) {
        assertThat(ControllingTerminal.isOf(new PlantedFiles(dir).proc("self/stat", stat).files, "self"))
                .isEqualTo(ours);
    }
}
