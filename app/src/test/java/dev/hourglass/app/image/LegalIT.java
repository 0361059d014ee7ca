package dev.hourglass.app.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// Nothing travels in the image without its licence and its line in the bill of materials.
class LegalIT {
    private static final Path LEGAL = Run.IMAGE.resolve("legal");

    /// Names of all components, with what stands in their `licenses`.
    private static final Map<String, String> BILL = new TreeMap<>();

    /// Names of the shared libraries that a component lists.
    private static final Set<String> FILES = new HashSet<>();

    @BeforeAll
    static void readBill() {
        try (JsonParser json =
                new JsonFactory().createParser(ObjectReadContext.empty(), LEGAL.resolve("sbom.cdx.json"))) {
            while (json.nextToken() != null) {
                if (json.currentToken() == JsonToken.PROPERTY_NAME
                        && json.currentName().equals("components")) {
                    json.nextToken();
                    while (json.nextToken() != JsonToken.END_ARRAY) {
                        component(json);
                    }
                }
            }
        }
    }

    private static void component(JsonParser json) {
        String name = "";
        String type = "";
        StringBuilder licences = new StringBuilder();
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String field = json.currentName();
            json.nextToken();
            switch (field) {
                case "name" -> name = json.getString();
                case "type" -> type = json.getString();
                case "licenses" -> texts(json, licences);
                case "components" -> {
                    while (json.nextToken() != JsonToken.END_ARRAY) {
                        component(json);
                    }
                }
                default -> json.skipChildren();
            }
        }
        if (type.equals("file")) {
            FILES.add(name);
        } else {
            BILL.put(name, licences.toString());
        }
    }

    private static void texts(JsonParser json, StringBuilder into) {
        int depth = json.streamReadContext().getNestingDepth();
        while (json.nextToken() != JsonToken.END_ARRAY
                || json.streamReadContext().getNestingDepth() >= depth) {
            if (json.currentToken() == JsonToken.VALUE_STRING) {
                into.append(json.getString()).append(' ');
            }
        }
    }

    @Test
    void everyJarHasItsLicenceAndItsLine() {
        List<Path> jars = files(Run.IMAGE.resolve("lib"), ".jar");
        assertThat(jars).hasSizeGreaterThan(10);
        for (Path jar : jars) {
            String name = jar.getFileName().toString().replaceFirst("-\\d.*", "");
            boolean own = Set.of("app", "core", "device").contains(name);
            assertThat(texts(own ? "hourglass" : name))
                    .as("licences of %s", jar)
                    .isNotEmpty();
            if (!name.equals("app")) { // what the bill is of
                assertThat(BILL).as("bill of materials").containsKey(name);
                assertThat(BILL.get(name)).as("licence of %s in the bill", name).isNotBlank();
            }
        }
    }

    @Test
    void everyNativeLibraryIsListed() throws IOException {
        List<String> libraries = new ArrayList<>();
        for (Path directory : List.of(Run.IMAGE.resolve("lib"), Run.IMAGE.resolve("engine"))) {
            files(directory, ".so")
                    .forEach(file -> libraries.add(Run.IMAGE.relativize(file).toString()));
        }
        for (Path jar : files(Run.IMAGE.resolve("lib"), ".jar")) {
            try (FileSystem zip = FileSystems.newFileSystem(jar)) {
                files(zip.getPath("/"), ".so").forEach(file -> libraries.add(Run.IMAGE.relativize(jar) + "!" + file));
            }
        }
        assertThat(libraries).hasSizeGreaterThan(3);
        assertThat(FILES).containsExactlyInAnyOrderElementsOf(libraries);
        assertThat(BILL.get("llama.cpp")).contains("MIT");
        assertThat(BILL.get("jline")).contains("BSD-3-Clause");
        assertThat(texts("llama.cpp")).isNotEmpty();
        assertThat(texts("duckdb_jdbc")).contains("LICENSE", "LICENSE.third-party");
        assertThat(texts("sqlite-jdbc")).contains("LICENSE.sqlite");
        assertThat(texts("zstd-jni")).contains("LICENSE.zstd");
    }

    @Test
    void theRuntimeKeepsItsOwn() {
        assertThat(BILL.get("Java runtime (OpenJDK)")).contains("GPL-2.0-only WITH Classpath-exception-2.0");
        assertThat(Run.IMAGE.resolve("runtime/legal/java.base/LICENSE")).isNotEmptyFile();
        assertThat(files(Run.IMAGE.resolve("runtime/lib"), ".so")).isNotEmpty();
    }

    private static Set<String> texts(String component) {
        Path directory = LEGAL.resolve(component);
        return Files.isDirectory(directory)
                ? files(directory, "").stream()
                        .map(file -> file.getFileName().toString())
                        .collect(Collectors.toSet())
                : Set.of();
    }

    private static List<Path> files(Path below, String part) {
        try (Stream<Path> files = Files.walk(below)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.getFileName().toString().contains(part))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
