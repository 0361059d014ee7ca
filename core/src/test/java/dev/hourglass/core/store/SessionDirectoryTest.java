package dev.hourglass.core.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionDirectoryTest {
    @TempDir
    private Path here;

    @Test
    void nothingStandsInThePlaceUntilPublished() throws IOException {
        Path place = here.resolve("a/b/session");
        try (SessionDirectory claimed = SessionDirectory.claim(place, false)) {
            Files.writeString(claimed.growing().database(), "rows");
            assertThat(place).doesNotExist();
            claimed.publish();
        }
        assertThat(place.resolve("session.duckdb")).hasContent("rows");
        assertThat(place.getParent()).isDirectoryContaining(path -> path.equals(place));
    }

    @Test
    void unpublishedLeavesNothing() throws IOException {
        for (String place : List.of("session", "new/newer/session")) {
            try (SessionDirectory claimed = SessionDirectory.claim(here.resolve(place), false)) {
                Files.writeString(claimed.growing().database(), "rows");
            }
            assertThat(here).isEmptyDirectory();
        }
    }

    @Test
    void emptyDirectoryIsTaken() throws IOException {
        Path place = Files.createDirectory(here.resolve("session"));
        try (SessionDirectory claimed = SessionDirectory.claim(place, false)) {
            Files.writeString(claimed.growing().database(), "rows");
            claimed.publish();
        }
        assertThat(place.resolve("session.duckdb")).exists();
    }

    @Test
    void leftoversOfADeadRunAreSwept() throws IOException {
        // No process has this id: it is above the kernel's limit.
        Path left = Files.createDirectory(here.resolve(".session.growing-999999999"));
        Path other = Files.createDirectory(here.resolve(".other.growing-999999999"));
        SessionDirectory.claim(here.resolve("session"), false).close();
        assertThat(left).doesNotExist();
        assertThat(other).exists();
    }

    @Test
    void aFileInTheWayIsNamed() throws IOException {
        Path file = Files.writeString(here.resolve("file"), "");
        assertThatThrownBy(() -> SessionDirectory.claim(file, true))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining(file.toString());
        assertThatThrownBy(() -> SessionDirectory.claim(file.resolve("below"), true))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("-o");
    }
}
