package dev.hourglass.core.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {
    @TempDir
    private Path here;

    @Test
    void whatFailsLeavesWhatWasThere() throws IOException {
        Path file = Files.writeString(here.resolve("report.html"), "before");
        for (Path place : List.of(file, here.resolve("new"))) {
            assertThatThrownBy(() -> WholeFile.write(place, out -> {
                        out.write(1);
                        throw new IOException("No space left on device");
                    }))
                    .hasMessage("No space left on device");
        }
        assertThat(file).hasContent("before");
        assertThat(names()).containsExactly("report.html");
    }

    @Test
    void whatCannotBeWrittenIsCalledByItsOwnName() {
        Path nowhere = here.resolve("nowhere/report.html");
        assertThatThrownBy(() -> WholeFile.write(nowhere, "report"))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(nowhere.toString());
    }

    @Test
    void aLinkIsReplacedAndNotWrittenThrough() throws IOException {
        Path outside = Files.writeString(here.resolve("outside"), "mine");
        Path file = Files.createSymbolicLink(here.resolve("report.md"), outside);
        Path nowhere = Files.createSymbolicLink(here.resolve("report.json"), here.resolve("nowhere"));
        WholeFile.write(file, "report");
        WholeFile.write(nowhere, "report");

        assertThat(outside).hasContent("mine");
        assertThat(file).hasContent("report").matches(f -> Files.isRegularFile(f, LinkOption.NOFOLLOW_LINKS));
        assertThat(here.resolve("nowhere")).doesNotExist();
    }

    @Test
    void aLinkIsNoDirectory() throws IOException {
        Path outside = Files.createDirectory(here.resolve("outside"));
        Path plots = Files.createSymbolicLink(here.resolve("plots"), outside);
        assertThatThrownBy(() -> WholeFile.directory(plots)).isInstanceOf(FileSystemException.class);
        assertThat(WholeFile.directory(outside)).isEqualTo(outside);
        assertThat(WholeFile.directory(here.resolve("fresh"))).isEmptyDirectory();
    }

    @Test
    void aPersonsLinkIsFollowed() throws IOException {
        Path real = Files.writeString(here.resolve("real"), "before");
        Path link = Files.createSymbolicLink(here.resolve("link"), real);
        WholeFile.writeWhereAsked(link, "after");
        WholeFile.writeWhereAsked(Path.of("/dev/null"), "after");
        assertThat(real).hasContent("after");
        assertThat(link).isSymbolicLink();
        assertThat(Path.of("/dev/null")).exists().matches(f -> !Files.isRegularFile(f));
    }

    @Test
    void whatAppearedMeanwhileIsKept() throws IOException {
        Path taken = Files.writeString(here.resolve("taken"), "mine");
        Path file = Files.writeString(WholeFile.part(taken), "fresh");
        assertThatThrownBy(() -> WholeFile.place(file, taken)).isInstanceOf(FileAlreadyExistsException.class);
        Path directory = Files.createDirectory(WholeFile.part(taken));
        assertThatThrownBy(() -> WholeFile.place(directory, taken)).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(taken).hasContent("mine");
        WholeFile.place(file, here.resolve("free"));
        assertThat(here.resolve("free")).hasContent("fresh");
        assertThat(file).doesNotExist();
    }

    @Test
    void onlyWhatDeadProcessesLeftIsSwept() throws IOException {
        Path file = here.resolve("report.html");
        String dead = Owner.present().replaceFirst("\\d+", "999999999");
        Files.writeString(here.resolve(".report.html.part-" + dead + "-1"), "half");
        Path alive = Files.writeString(WholeFile.part(file), "half");
        Path other = Files.writeString(here.resolve(".other.part-" + dead + "-1"), "half");
        Path foreign = Files.writeString(here.resolve(".report.html.part-of-my-thesis"), "mine");
        WholeFile.write(file, "whole");
        assertThat(FileTree.entries(here, name -> true)).containsExactlyInAnyOrder(file, alive, other, foreign);
    }

    @Test
    void temporaryDirectoriesGoWithTheirProcess() throws IOException {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        String dead = Owner.present().replaceFirst("\\d+", "999999999");
        Path left = Files.createDirectories(temporary.resolve("hourglass-" + dead + "-1"));
        Files.writeString(left.resolve("session.duckdb"), "rows");
        Path theirs = Files.createTempDirectory("hourglass-of-somebody");
        Path mine;
        try (Temporary first = Temporary.create();
                Temporary second = Temporary.create()) {
            mine = first.directory();
            assertThat(mine).isDirectory();
            assertThat(second.directory()).isDirectory().isNotEqualTo(mine);
        }
        assertThat(left).doesNotExist();
        assertThat(mine).doesNotExist();
        assertThat(theirs).exists();
        Files.delete(theirs);
    }

    private List<String> names() throws IOException {
        return FileTree.entries(here, name -> true).stream()
                .map(path -> String.valueOf(path.getFileName()))
                .toList();
    }
}
