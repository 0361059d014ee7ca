package dev.hourglass.core.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.file.FileTree;
import dev.hourglass.core.file.Owner;
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

    /// A process that is no more: no process has this number, it is above the kernel's limit.
    private static String dead() {
        return Owner.present().replaceFirst("\\d+", "999999999");
    }

    private Path session(String name, String rows) throws IOException {
        Path place = Files.createDirectory(here.resolve(name));
        Files.writeString(place.resolve("session.duckdb"), rows);
        return place;
    }

    @Test
    void aPlaceIsReservedFromTheStart() throws IOException {
        Path place = here.resolve("session");
        try (SessionDirectory first = SessionDirectory.claim(place, false)) {
            assertThatThrownBy(() -> SessionDirectory.claim(place, false))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("is being made")
                    .hasMessageContaining("-o");
            SessionDirectory.claim(here.resolve("another"), false).close();
            Files.writeString(first.growing().database(), "rows");
            first.publish();
        }
        assertThat(entries()).containsExactly("session");
        try (SessionDirectory again = SessionDirectory.claim(place, true)) {
            assertThat(again.target()).isEqualTo(place);
        }
        assertThat(entries()).containsExactly("session");
    }

    @Test
    void whatAppearedMeanwhileIsNotTouched() throws IOException {
        for (boolean force : List.of(false, true)) {
            Path place = here.resolve("session" + force);
            try (SessionDirectory claimed = SessionDirectory.claim(place, force)) {
                Files.writeString(claimed.growing().database(), "rows");
                Files.writeString(Files.createDirectory(place).resolve("thesis.txt"), "mine");
                assertThatThrownBy(claimed::publish)
                        .isInstanceOf(RefusedException.class)
                        .hasMessageContaining("holds no session");
            }
            assertThat(place.resolve("thesis.txt")).hasContent("mine");
        }
        Path file = here.resolve("file");
        try (SessionDirectory claimed = SessionDirectory.claim(file, true)) {
            Files.writeString(file, "mine");
            assertThatThrownBy(claimed::publish).isInstanceOf(RefusedException.class);
        }
        assertThat(file).hasContent("mine");
        assertThat(entries()).containsExactlyInAnyOrder("sessionfalse", "sessiontrue", "file");
    }

    @Test
    void aSessionThatAppearedMeanwhileIsNotReplacedUnasked() throws IOException {
        try (SessionDirectory claimed = SessionDirectory.claim(here.resolve("session"), false)) {
            Files.writeString(claimed.growing().database(), "rows");
            session("session", "of somebody else");
            assertThatThrownBy(claimed::publish)
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("--force");
        }
        assertThat(here.resolve("session/session.duckdb")).hasContent("of somebody else");
    }

    @Test
    void aSessionIsReplaced() throws IOException {
        Path place = session("session", "old");
        Files.writeString(place.resolve(".session.duckdb.123"), "left by a change that was killed");
        Files.writeString(place.resolve(".report.html.part-" + dead() + "-1"), "left by a report that was killed");
        try (SessionDirectory claimed = SessionDirectory.claim(place, true)) {
            Files.writeString(claimed.growing().database(), "new");
            claimed.publish();
        }
        assertThat(place.resolve("session.duckdb")).hasContent("new");
        assertThat(entries()).containsExactly("session");
    }

    /// Killed at each moment of a replacement, found by whoever looks for the session and by whoever replaces it
    /// next.
    @Test
    void aReplacementThatWasCutShortIsFinished() throws IOException {
        session(".session.replaced-" + dead() + "-1", "old");
        session(".session.growing-" + dead() + "-1", "new");
        assertThat(new SessionLayout(here.resolve("session")).isSession()).isTrue();
        assertThat(here.resolve("session/session.duckdb")).hasContent("new");
        assertThat(entries()).containsExactly("session");

        session(".session.replaced-" + dead() + "-2", "older");
        SessionDirectory.claim(here.resolve("session"), true).close();
        assertThat(here.resolve("session/session.duckdb")).hasContent("new");
        assertThat(entries()).containsExactly("session");

        Files.move(here.resolve("session"), here.resolve(".session.replaced-" + dead() + "-3"));
        assertThatThrownBy(() -> SessionDirectory.claim(here.resolve("session"), false))
                .hasMessageContaining("holds a session already");
        assertThat(here.resolve("session/session.duckdb")).hasContent("new");
        assertThat(entries()).containsExactly("session");
    }

    @Test
    void whatALiveProcessMakesIsLeftAlone() throws IOException {
        Path theirs = Files.createDirectory(here.resolve(".session.growing-" + Owner.present() + "-77"));
        String elsewhere = dead().replaceFirst("\\d+$", "1");
        Path unseen = Files.createDirectory(here.resolve(".session.growing-" + elsewhere + "-1"));
        Path reused = Files.createDirectory(
                here.resolve(".session.growing-" + Owner.present().replaceFirst("-\\d+-", "-1-") + "-1"));
        SessionDirectory.claim(here.resolve("session"), false).close();
        assertThat(theirs).exists();
        assertThat(unseen).exists();
        assertThat(reused).doesNotExist();
    }

    private List<String> entries() throws IOException {
        return FileTree.entries(here, name -> true).stream()
                .map(path -> String.valueOf(path.getFileName()))
                .toList();
    }
}
