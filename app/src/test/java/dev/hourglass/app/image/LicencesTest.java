package dev.hourglass.app.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What [LegalIT] finds in the image, sooner: a new library that brings no licence needs its text in `src/legal`.
class LicencesTest {
    private static final Path TEXTS = Path.of("src/legal");

    /// Libraries of the tests, which never ship.
    private static final String TEST_ONLY =
            "(junit|opentest4j|apiguardian|assertj|byte-buddy|archunit|slf4j|protobuf|jspecify|surefire).*";

    /// What ships without a jar of its own.
    private static final Set<String> NATIVE = Set.of("llama.cpp");

    @Test
    void everyLibraryBringsItsLicenceOrHasItHere() throws IOException {
        List<String> without = new ArrayList<>();
        for (Path jar : jars()) {
            if (!Files.isDirectory(TEXTS.resolve(name(jar))) && !bringsLicence(jar)) {
                without.add(name(jar));
            }
        }
        assertThat(without).as("libraries without a licence text").isEmpty();
    }

    @Test
    void noTextOutlivesItsLibrary() throws IOException {
        List<String> shipped = jars().stream().map(LicencesTest::name).toList();
        try (Stream<Path> texts = Files.list(TEXTS)) {
            assertThat(texts.map(text -> text.getFileName().toString()).filter(text -> !NATIVE.contains(text)))
                    .isNotEmpty()
                    .allMatch(shipped::contains);
        }
    }

    private static List<Path> jars() {
        List<Path> jars = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.endsWith(".jar"))
                .map(Path::of)
                .filter(jar -> !jar.getFileName().toString().matches(TEST_ONLY))
                .filter(jar -> !Set.of("core", "device").contains(name(jar)))
                .toList();
        assertThat(jars).hasSizeGreaterThan(5);
        return jars;
    }

    private static String name(Path jar) {
        return jar.getFileName().toString().replaceFirst("-\\d.*", "");
    }

    private static boolean bringsLicence(Path jar) throws IOException {
        try (FileSystem zip = FileSystems.newFileSystem(jar);
                Stream<Path> files = Files.walk(zip.getPath("/"))) {
            return files.anyMatch(file -> file.toString().matches("/META-INF/(.*/)?[^/]*LICENSE[^/]*")
                    && !file.toString().endsWith(".class"));
        }
    }
}
