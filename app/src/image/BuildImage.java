import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/// Builds the runnable image: a trimmed Java runtime, the jars, the database's and the engine's
/// shared libraries, and a launcher. Run by the build with the JDK that it selected.
///
/// ```
/// image/bin/hourglass      launcher
/// image/runtime/           Java runtime (jlink)
/// image/lib/               jars, their shared libraries, hourglass.aot (start-up cache), empty-*.duckdb
/// image/engine/            llama.cpp shared libraries
/// image/probe/             what Python engines load
/// image/legal/             licences of all of these, and the bill of materials
/// ```
public final class BuildImage {
    private static final String MODULES = "java.base,java.sql,jdk.jfr,jdk.unsupported,jdk.zipfs,jdk.httpserver,java.management,java.sql.rowset";

    private final Path jars;
    private final Path sources;
    private final Path appJar;
    private final Path engineModules;
    private final Path image;
    private final Path bom;
    private final boolean arm = System.getProperty("os.arch").equals("aarch64");

    private BuildImage(String[] args) {
        this.jars = Path.of(args[0]);
        this.sources = Path.of(args[1]);
        this.appJar = Path.of(args[2]);
        this.engineModules = Path.of(args[3]);
        this.image = Path.of(args[4]);
        this.bom = Path.of(args[5]);
    }

    public static void main(String[] args) throws Exception {
        if (Runtime.version().feature() < 25) {
            throw new IllegalStateException("the image needs JDK 25, this is " + Runtime.version());
        }
        new BuildImage(args).build();
    }

    private void build() throws Exception {
        deleteTree(image.resolve("lib"));
        deleteTree(image.resolve("engine"));
        deleteTree(image.resolve("legal"));
        deleteTree(image.resolve("probe"));
        Files.createDirectories(image.resolve("bin"));
        linkRuntime();
        copyJars();
        copyEngine();
        copyProbe();
        new Legal(image, Path.of("src/legal"), enginePackage()).write(Path.of("../LICENSE"), bom);
        Path launcher = image.resolve("bin/hourglass");
        Files.copy(Path.of("src/image/hourglass"), launcher, StandardCopyOption.REPLACE_EXISTING);
        launcher.toFile().setExecutable(true, false);
        writeStartUpCache(launcher);
        Files.writeString(image.resolve("built"), "");
    }

    /// The runtime depends on the JDK alone, so it is linked once per JDK.
    private void linkRuntime() throws IOException {
        Path runtime = image.resolve("runtime");
        Path stamp = image.resolve("runtime.stamp");
        String wanted = Runtime.version() + " " + MODULES;
        if (Files.exists(stamp) && Files.readString(stamp).equals(wanted)) {
            return;
        }
        deleteTree(runtime);
        run(
                "jlink",
                "--add-modules",
                MODULES,
                "--strip-debug",
                "--no-header-files",
                "--no-man-pages",
                "--generate-cds-archive",
                "--output",
                runtime.toString());
        Files.writeString(stamp, wanted);
    }

    private void copyJars() throws IOException {
        Path lib = Files.createDirectories(image.resolve("lib"));
        List<Path> all = new ArrayList<>(list(jars));
        all.add(appJar);
        for (Path jar : all) {
            String name = jar.getFileName().toString();
            if (name.startsWith("jspecify")) {
                continue;
            }
            Path copy = lib.resolve(name);
            Files.copy(jar, copy, StandardCopyOption.REPLACE_EXISTING);
            if (name.startsWith("duckdb_jdbc")) {
                splitDatabaseJar(copy, lib);
            } else if (name.startsWith("sqlite-jdbc")) {
                takeOutNativeLibrary(copy, "/org/sqlite/native/Linux/" + (arm ? "aarch64" : "x86_64") + "/");
            } else if (name.startsWith("zstd-jni")) {
                takeOutNativeLibrary(copy, "/linux/" + (arm ? "aarch64" : "amd64") + "/");
            } else if (name.startsWith("jline")) {
                takeOutNativeLibrary(copy, "/org/jline/nativ/Linux/" + (arm ? "arm64" : "x86_64") + "/");
            } else if (name.startsWith("picocli")) {
                replaceClasses(copy, recompiled(name.replace(".jar", "-sources.jar")));
            }
        }
    }

    /// The published classes are of a format that the start-up cache refuses; the same sources
    /// compiled for this Java are accepted, which halves the time to the first line of help.
    private Path recompiled(String sourcesJar) throws IOException {
        Path classes = image.resolveSibling("recompiled/" + sourcesJar);
        Path done = classes.resolveSibling(sourcesJar + ".done");
        if (Files.exists(done)) {
            return classes;
        }
        Path unpacked = Files.createTempDirectory("hourglass-sources");
        List<String> arguments = new ArrayList<>(List.of("--release", "25", "-nowarn", "-proc:none", "-d", classes.toString()));
        try (FileSystem zip = FileSystems.newFileSystem(sources.resolve(sourcesJar));
                Stream<Path> files = Files.walk(zip.getPath("/"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java") && !f.toString().contains("META-INF")).toList()) {
                if (file.getFileName().toString().equals("module-info.java")) {
                    continue;
                }
                Path copy = unpacked.resolve(file.toString().substring(1));
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
                arguments.add(copy.toString());
            }
        }
        run("javac", arguments.toArray(String[]::new));
        deleteTree(unpacked);
        Files.writeString(done, "");
        return classes;
    }

    private static void replaceClasses(Path jar, Path classes) throws IOException {
        try (FileSystem zip = FileSystems.newFileSystem(jar);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path entry = zip.getPath("/" + classes.relativize(file));
                Files.copy(file, entry, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    /// The database's jar carries a shared library for each platform, which it would unpack at each
    /// start. The one of this platform goes beside the jar, where the driver looks first.
    private void splitDatabaseJar(Path jar, Path lib) throws IOException {
        String wanted = "libduckdb_java.so_linux_" + (arm ? "arm64" : "amd64");
        try (FileSystem zip = FileSystems.newFileSystem(jar)) {
            for (Path entry : list(zip.getPath("/"))) {
                String name = entry.getFileName().toString();
                if (!name.startsWith("libduckdb_java.so_")) {
                    continue;
                }
                if (name.equals(wanted)) {
                    stripped(entry, lib.resolve(wanted));
                }
                Files.delete(entry);
            }
        }
    }

    /// The jars of the SQLite driver, of zstd and of JLine carry a library for each of some twenty platforms,
    /// which they
    /// would unpack at each start, where the temporary directory lets them. The one of this platform goes beside the
    /// jar; the launcher says so.
    private void takeOutNativeLibrary(Path jar, String wanted) throws IOException {
        try (FileSystem zip = FileSystems.newFileSystem(jar);
                Stream<Path> files = Files.walk(zip.getPath("/"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (file.toString().startsWith(wanted)) {
                    Path beside = jar.resolveSibling(file.getFileName().toString());
                    Files.copy(file, beside, StandardCopyOption.REPLACE_EXISTING);
                }
                if (file.toString().matches(".*\\.(so|dll|dylib|jnilib|a)")) {
                    Files.delete(file);
                }
            }
        }
    }

    /// Copies a library without the symbols that only a debugger reads; whole, where there is no
    /// tool for it. What was stripped once is kept beside the image.
    private void stripped(Path library, Path copy) throws IOException {
        Path kept = image.resolveSibling("stripped/" + copy.getFileName() + "-" + Files.size(library));
        if (!Files.exists(kept)) {
            Files.createDirectories(kept.getParent());
            Path work = kept.resolveSibling("work");
            Files.copy(library, work, StandardCopyOption.REPLACE_EXISTING);
            try {
                new ProcessBuilder("strip", "--strip-unneeded", work.toString())
                        .redirectErrorStream(true)
                        .start()
                        .waitFor();
            } catch (IOException e) {
                System.err.println("note: no strip on this machine, the image will be larger");
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            Files.move(work, kept);
        }
        Files.copy(kept, copy, StandardCopyOption.REPLACE_EXISTING);
    }

    private void copyEngine() throws IOException {
        Path libraries = enginePackage().resolve("bins/" + platform());
        if (!Files.isDirectory(libraries)) {
            System.err.println("note: no engine libraries for this platform; profile will say \"unsupported here\"");
            return;
        }
        Path engine = Files.createDirectories(image.resolve("engine"));
        for (Path file : list(libraries)) {
            String name = file.getFileName().toString();
            boolean needed = name.contains(".so") && !name.startsWith("libllama-common");
            if (needed && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                Files.copy(file, engine.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private void copyProbe() throws IOException {
        Path from = Path.of("../probe/src");
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (!file.toString().contains("__pycache__")) {
                    Path copy = image.resolve("probe").resolve(from.relativize(file));
                    Files.createDirectories(copy.getParent());
                    Files.copy(file, copy);
                }
            }
        }
    }

    private String platform() {
        return "linux-" + (arm ? "arm64" : "x64");
    }

    private Path enginePackage() {
        return engineModules.resolve("@node-llama-cpp/" + platform());
    }

    private static void writeStartUpCache(Path launcher) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(launcher.toString(), "--help")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("HOURGLASS_WRITE_AOT", "1");
        int status = builder.start().waitFor();
        if (status != 0) {
            throw new IOException("the built image cannot print its own help: exit code " + status);
        }
    }

    private static void run(String tool, String... args) throws IOException {
        int status = ToolProvider.findFirst(tool).orElseThrow().run(System.out, System.err, args);
        if (status != 0) {
            throw new IOException(tool + " failed with " + status);
        }
    }

    private static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        }
    }

    private static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> walk = Files.walk(root)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
