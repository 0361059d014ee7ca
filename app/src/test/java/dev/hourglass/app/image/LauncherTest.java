package dev.hourglass.app.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the launcher of the image starts, seen by a runtime that only tells how it was started.
final class LauncherTest {
    @TempDir
    private Path directory;

    private Path membership;
    private Path groups;

    @BeforeEach
    void makeAnImage() throws IOException {
        membership = Files.writeString(directory.resolve("membership"), "");
        groups = Files.createDirectories(directory.resolve("groups"));
        Files.createDirectories(directory.resolve("home/lib"));
        Files.writeString(directory.resolve("home/lib/libzstd-jni-1.2.so"), "");
        script("home/runtime/bin/java", """
                #!/bin/sh
                echo "locale=${LC_ALL-}"
                for word; do echo "$word"; done
                """);
        script(
                "home/bin/hourglass",
                Files.readString(Path.of("src/image/hourglass"))
                        .replace("membership=/proc/self/cgroup", "membership=" + membership)
                        .replace("groups=/sys/fs/cgroup", "groups=" + groups));
    }

    private void script(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private List<String> started(Map<String, String> environment, String... words) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(directory.resolve("home/bin/hourglass").toString());
        builder.command().addAll(List.of(words));
        List.of("LC_ALL", "LC_CTYPE", "LANG", "TMPDIR").forEach(builder.environment()::remove);
        builder.environment().putAll(environment);
        Path out = directory.resolve("out");
        Process process =
                builder.redirectErrorStream(true).redirectOutput(out.toFile()).start();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        List<String> lines = Files.readAllLines(out);
        assertThat(process.exitValue()).as(String.join("\n", lines)).isZero();
        return lines;
    }

    @ParameterizedTest
    @CsvSource({
        ",,,C.UTF-8",
        "C,,,C.UTF-8",
        "POSIX,de_DE.UTF-8,,C.UTF-8",
        ",POSIX,de_DE.UTF-8,C.UTF-8",
        ",,C,C.UTF-8",
        "de_DE.UTF-8,C,C,de_DE.UTF-8",
        ",,de_DE.ISO-8859-1,",
        ",fr_FR.UTF-8,C,"
    })
    void aLocaleThatHoldsOnlyAsciiIsReplaced(
            @Nullable String all, @Nullable String type, @Nullable String lang, @Nullable String expected)
            throws Exception {
        Map<String, String> environment = new HashMap<>();
        environment.put("LC_ALL", all == null ? "" : all);
        environment.put("LC_CTYPE", type == null ? "" : type);
        environment.put("LANG", lang == null ? "" : lang);

        assertThat(started(environment, "sql")).startsWith("locale=" + (expected == null ? "" : expected));
    }

    @Test
    void temporaryFilesLieWhereTheyCan() throws Exception {
        Path own = Files.createDirectory(directory.resolve("own"));
        assertThat(started(Map.of("TMPDIR", own.toString()), "report")).contains("-Djava.io.tmpdir=" + own);
        assertThat(started(Map.of("TMPDIR", directory.resolve("nowhere").toString()), "report"))
                .contains("-Djava.io.tmpdir=/tmp");
    }

    @Test
    void sharedLibrariesAreLoadedFromTheImage() throws Exception {
        String lib = directory.resolve("home/lib").toRealPath().toString();
        assertThat(started(Map.of(), "import"))
                .contains("-DZstdNativePath=" + lib + "/libzstd-jni-1.2.so", "-Dorg.sqlite.lib.path=" + lib)
                .contains("-Dlibrary.jline.path=" + lib, "-Dhourglass.piped=true");
    }

    @Test
    void withoutALimitTheRuntimeChooses() throws Exception {
        assertThat(started(Map.of(), "import"))
                .noneMatch(word -> word.startsWith("-Xmx"))
                .contains("-Dhourglass.allowed=");
        Files.writeString(membership, "0::/a\n");
        Files.writeString(Files.createDirectory(groups.resolve("a")).resolve("memory.max"), "max\n");
        assertThat(started(Map.of(), "import")).noneMatch(word -> word.startsWith("-Xmx"));
    }

    /// The least of the nested limits counts, wherever it stands.
    @ParameterizedTest
    @ValueSource(strings = {"", "/a", "/a/b", "/a/b/c"})
    void theHeapFollowsTheControlGroup(String limited) throws Exception {
        Files.writeString(membership, "0::/a/b/c\n");
        Files.createDirectories(groups.resolve("a/b/c"));
        Files.writeString(groups.resolve("memory.max"), "8000000000\n");
        Files.writeString(groups.resolve("a/b/memory.max"), "max\n");
        Files.writeString(Path.of(groups + limited).resolve("memory.max"), "700000000\n");

        assertThat(started(Map.of(), "import")).contains("-Xmx315m", "-Dhourglass.allowed=700", "-Xms160m");
    }

    @Test
    void theFirstVersionOfControlGroupsIsReadToo() throws Exception {
        Files.writeString(membership, "5:cpu,cpuacct:/x\n4:memory:/docker/x\n0::/x\n");
        Path group = Files.createDirectories(groups.resolve("memory"));
        Files.writeString(group.resolve("memory.limit_in_bytes"), "300000000\n");
        assertThat(started(Map.of(), "import"))
                .contains("-Xmx135m")
                .noneMatch(word -> word.startsWith("-Xms") || word.startsWith("-Xmn"));
        Files.writeString(group.resolve("memory.limit_in_bytes"), "9223372036854771712\n");
        assertThat(started(Map.of(), "import")).noneMatch(word -> word.startsWith("-Xmx"));
    }
}
