import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultPrettyPrinter;

/// Puts the licence of everything that an image carries into `legal/`, one directory per component, and a
/// bill of materials beside them (`sbom.cdx.json`, CycloneDX).
///
/// A jar's licence comes out of the jar; where it brings none, and for shared libraries, the text lies in
/// `app/src/legal`. What has neither stops the build. The Java runtime keeps its own in `runtime/legal`.
final class Legal {
    /// A project whose shared libraries the image carries.
    ///
    /// @param files matches their paths in the image, those inside a jar behind `!`
    /// @param licence SPDX expression
    /// @param texts where its licence lies below `legal/`
    private record Native(String name, String version, String licence, String url, String texts, String files) {}

    /// Licences that a project's own file of facts names so loosely that the bill would name another one.
    private static final Map<String, String> KNOWN_BETTER = Map.of("jline", "BSD-3-Clause");

    private static final Pattern JAR = Pattern.compile("(.+?)-(\\d[^/]*)\\.jar");
    private static final Pattern TEXT =
            Pattern.compile("(?i)/(META-INF/(.*/)?)?([^/]*(LICENSE|NOTICE|COPYING)[^/]*)(?<!\\.class)");

    private final Path image;
    private final Path texts;
    private final Path engine;

    /// @param texts licences that do not come with their files
    /// @param engine the package that the engine's libraries came in
    Legal(Path image, Path texts, Path engine) {
        this.image = image;
        this.texts = texts;
        this.engine = engine;
    }

    /// @param own the licence of Hourglass
    /// @param bom what the build knows of the jars, as CycloneDX
    void write(Path own, Path bom) throws IOException {
        Path legal = Files.createDirectories(image.resolve("legal"));
        for (Path jar : jars()) {
            String name = name(jar);
            if (List.of("app", "core", "device").contains(name)) {
                copy(own, legal.resolve("hourglass/LICENSE"));
            } else {
                licence(jar, legal.resolve(name));
            }
        }
        List<Native> natives = natives();
        for (Native project : natives) {
            copyTexts(legal.resolve(project.texts()));
            require(legal.resolve(project.texts()), project.name());
        }
        if (Files.isDirectory(engine)) {
            copy(engine.resolve("LICENSE"), legal.resolve("node-llama-cpp/LICENSE"));
        }
        merge(bom, legal.resolve("sbom.cdx.json"), natives);
    }

    private void licence(Path jar, Path to) throws IOException {
        try (FileSystem zip = FileSystems.newFileSystem(jar);
                Stream<Path> files = Files.walk(zip.getPath("/"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (TEXT.matcher(file.toString()).matches()) {
                    copy(file, to.resolve(file.getFileName().toString()));
                }
            }
        }
        copyTexts(to);
        require(to, jar.getFileName().toString());
    }

    private void copyTexts(Path to) throws IOException {
        Path from = texts.resolve(to.getFileName().toString());
        if (Files.isDirectory(from)) {
            for (Path text : list(from)) {
                copy(text, to.resolve(text.getFileName().toString()));
            }
        }
    }

    private void require(Path directory, String of) throws IOException {
        if (!Files.isDirectory(directory) || list(directory).isEmpty()) {
            throw new IOException("no licence of " + of + ": put its text into " + texts.resolve(directory.getFileName()));
        }
    }

    private List<Native> natives() throws IOException {
        String duckdb = version("duckdb_jdbc");
        String sqlite = version("sqlite-jdbc");
        String zstd = version("zstd-jni");
        List<Native> all = new ArrayList<>(List.of(
                new Native("DuckDB", duckdb, "MIT", "https://duckdb.org", "duckdb_jdbc", "lib/libduckdb_java\\.so_.*"),
                new Native(
                        "SQLite",
                        sqlite.replaceFirst("\\.\\d+$", ""),
                        "blessing",
                        "https://sqlite.org",
                        "sqlite-jdbc",
                        "lib/libsqlitejdbc\\.so"),
                new Native(
                        "zstd",
                        zstd.replaceFirst("-.*", ""),
                        "BSD-3-Clause",
                        "https://facebook.github.io/zstd",
                        "zstd-jni",
                        "lib/libzstd-jni-.*\\.so"),
                new Native(
                        "jline-native",
                        version("jline"),
                        "BSD-3-Clause",
                        "https://jline.org",
                        "jline",
                        "lib/libjlinenative\\.so")));
        if (Files.isDirectory(engine)) {
            all.add(new Native(
                    "llama.cpp",
                    engineVersion(),
                    "MIT",
                    "https://github.com/ggml-org/llama.cpp",
                    "llama.cpp",
                    "engine/lib(ggml|llama).*"));
        }
        return all;
    }

    /// What the package says that it was built from.
    private String engineVersion() throws IOException {
        List<Path> facts;
        try (Stream<Path> files = Files.walk(engine)) {
            facts = files.filter(file -> file.endsWith("_nlcBuildMetadata.json")).toList();
        }
        Matcher release = Pattern.compile("\"release\"\\s*:\\s*\"([^\"]+)\"").matcher(Files.readString(facts.getFirst()));
        return release.find() ? release.group(1) : "unknown";
    }

    private String version(String artifact) throws IOException {
        for (Path jar : jars()) {
            Matcher parts = JAR.matcher(jar.getFileName().toString());
            if (parts.matches() && parts.group(1).equals(artifact)) {
                return parts.group(2);
            }
        }
        throw new IOException("the image has no " + artifact);
    }

    /// The build's bill with what Maven does not know: shared libraries, each with its check sum, and the runtime.
    private void merge(Path bom, Path to, List<Native> natives) throws IOException {
        JsonFactory json = new JsonFactory();
        try (JsonParser in = json.createParser(ObjectReadContext.empty(), bom);
                JsonGenerator out = json.createGenerator(new Indented(), Files.newOutputStream(to))) {
            boolean components = false;
            String name = "";
            for (JsonToken token = in.nextToken(); token != null; token = in.nextToken()) {
                int depth = in.streamReadContext().getNestingDepth();
                if (token == JsonToken.PROPERTY_NAME && depth == 1) {
                    components = in.currentName().equals("components");
                }
                if (token == JsonToken.END_ARRAY && components && depth == 1) {
                    more(out, natives);
                    components = false;
                }
                if (isText(in, "name") && depth == 3) {
                    name = in.getString();
                }
                if (isText(in, "id") && KNOWN_BETTER.containsKey(name)) {
                    out.writeString(KNOWN_BETTER.get(name));
                } else {
                    out.copyCurrentEvent(in);
                }
            }
        }
    }

    private static boolean isText(JsonParser in, String member) {
        return in.currentToken() == JsonToken.VALUE_STRING && member.equals(in.currentName());
    }

    private void more(JsonGenerator out, List<Native> natives) throws IOException {
        List<String> libraries = libraries();
        for (Native project : natives) {
            component(out, "library", project.name(), project.version(), project.licence(), project.url());
            out.writeArrayPropertyStart("components");
            for (String library : libraries) {
                if (library.matches(project.files())) {
                    file(out, library);
                }
            }
            out.writeEndArray();
            out.writeEndObject();
        }
        String version = Runtime.version().toString();
        String licence = "GPL-2.0-only WITH Classpath-exception-2.0";
        component(out, "platform", "Java runtime (OpenJDK)", version, licence, "https://openjdk.org");
        out.writeEndObject();
    }

    /// Begins a component, and leaves it open.
    private static void component(
            JsonGenerator out, String type, String name, String version, String licence, String url) {
        out.writeStartObject();
        out.writeStringProperty("type", type);
        out.writeStringProperty("bom-ref", name + "@" + version);
        out.writeStringProperty("name", name);
        out.writeStringProperty("version", version);
        out.writeArrayPropertyStart("licenses");
        out.writeStartObject();
        out.writeStringProperty("expression", licence);
        out.writeEndObject();
        out.writeEndArray();
        out.writeArrayPropertyStart("externalReferences");
        out.writeStartObject();
        out.writeStringProperty("type", "website");
        out.writeStringProperty("url", url);
        out.writeEndObject();
        out.writeEndArray();
    }

    private void file(JsonGenerator out, String path) throws IOException {
        out.writeStartObject();
        out.writeStringProperty("type", "file");
        out.writeStringProperty("name", path);
        out.writeArrayPropertyStart("hashes");
        out.writeStartObject();
        out.writeStringProperty("alg", "SHA-256");
        out.writeStringProperty("content", sha256(path));
        out.writeEndObject();
        out.writeEndArray();
        out.writeEndObject();
    }

    private String sha256(String path) throws IOException {
        String[] parts = path.split("!", 2);
        if (parts.length == 1) {
            return sum(Files.readAllBytes(image.resolve(path)));
        }
        try (FileSystem zip = FileSystems.newFileSystem(image.resolve(parts[0]))) {
            return sum(Files.readAllBytes(zip.getPath(parts[1])));
        }
    }

    private static String sum(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Paths of all shared libraries but the runtime's own; those inside a jar behind `!`.
    private List<String> libraries() throws IOException {
        List<String> found = new ArrayList<>();
        for (String directory : List.of("lib", "engine")) {
            if (Files.isDirectory(image.resolve(directory))) {
                for (Path file : list(image.resolve(directory))) {
                    if (file.getFileName().toString().contains(".so")) {
                        found.add(image.relativize(file).toString());
                    }
                }
            }
        }
        for (Path jar : jars()) {
            try (FileSystem zip = FileSystems.newFileSystem(jar);
                    Stream<Path> files = Files.walk(zip.getPath("/"))) {
                files.filter(file -> file.toString().endsWith(".so"))
                        .forEach(file -> found.add(image.relativize(jar) + "!" + file));
            }
        }
        return found.stream().sorted().toList();
    }

    private List<Path> jars() throws IOException {
        return list(image.resolve("lib")).stream()
                .filter(file -> file.toString().endsWith(".jar"))
                .sorted()
                .toList();
    }

    private static String name(Path jar) {
        Matcher parts = JAR.matcher(jar.getFileName().toString());
        return parts.matches() ? parts.group(1) : jar.getFileName().toString();
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    }

    private static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.sorted().toList();
        }
    }

    private static final class Indented extends ObjectWriteContext.Base {
        @Override
        public PrettyPrinter getPrettyPrinter() {
            return new DefaultPrettyPrinter();
        }

        @Override
        public boolean hasPrettyPrinter() {
            return true;
        }
    }
}
