import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/// Builds the runnable image: a trimmed Java runtime, the jars, the database's and the engine's
/// shared libraries, and a launcher. Run by the build with the JDK that it selected.
///
/// ```
/// image/bin/hourglass      launcher
/// image/runtime/           Java runtime (jlink)
/// image/lib/               jars, libduckdb_java.so_*, hourglass.aot (start-up cache)
/// image/engine/            llama.cpp shared libraries
/// ```
public final class BuildImage {
    private static final String MODULES =
            "java.base,java.sql,java.net.http,jdk.httpserver,jdk.jfr,jdk.unsupported,jdk.zipfs,java.management";

    private final Path jars;
    private final Path appJar;
    private final Path engineModules;
    private final Path image;

    private BuildImage(String[] args) {
        this.jars = Path.of(args[0]);
        this.appJar = Path.of(args[1]);
        this.engineModules = Path.of(args[2]);
        this.image = Path.of(args[3]);
    }

    public static void main(String[] args) throws Exception {
        new BuildImage(args).build();
    }

    private void build() throws Exception {
        deleteTree(image.resolve("lib"));
        deleteTree(image.resolve("engine"));
        Files.createDirectories(image.resolve("bin"));
        linkRuntime();
        copyJars();
        copyEngine();
        copyLauncher();
        writeStartUpCache();
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
            }
        }
    }

    /// The database's jar carries a shared library for each platform, which it would unpack at each
    /// start. The one of this platform goes beside the jar, where the driver looks first.
    private static void splitDatabaseJar(Path jar, Path lib) throws IOException {
        String arch = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
        String wanted = "libduckdb_java.so_linux_" + arch;
        try (FileSystem zip = FileSystems.newFileSystem(jar)) {
            Path root = zip.getPath("/");
            for (Path entry : list(root)) {
                String name = entry.getFileName().toString();
                if (!name.startsWith("libduckdb_java.so_")) {
                    continue;
                }
                if (name.equals(wanted)) {
                    Files.copy(entry, lib.resolve(wanted), StandardCopyOption.REPLACE_EXISTING);
                }
                Files.delete(entry);
            }
        }
        strip(lib.resolve(wanted));
    }

    /// Symbols that only a debugger reads make up a fifth of the library. Without the tool it stays larger.
    private static void strip(Path library) throws IOException {
        try {
            new ProcessBuilder("strip", "--strip-unneeded", library.toString())
                    .redirectErrorStream(true)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            System.err.println("note: no strip on this machine, the image will be 13 MB larger");
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private void copyEngine() throws IOException {
        String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT).equals("aarch64") ? "arm64" : "x64";
        Path source = engineModules.resolve("@node-llama-cpp/linux-" + arch + "/bins/linux-" + arch);
        if (!Files.isDirectory(source)) {
            System.err.println("note: no engine libraries for this platform; profile will say \"unsupported here\"");
            return;
        }
        Path engine = Files.createDirectories(image.resolve("engine"));
        for (Path file : list(source)) {
            String name = file.getFileName().toString();
            if (name.contains(".so") && !name.startsWith("libllama-common") && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                Files.copy(file, engine.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Path licence = source.resolve("../../LICENSE").normalize();
        if (Files.exists(licence)) {
            Files.copy(licence, engine.resolve("LICENSE"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private void copyLauncher() throws IOException {
        Path launcher = image.resolve("bin/hourglass");
        try (InputStream in = Files.newInputStream(Path.of("src/image/hourglass"))) {
            Files.copy(in, launcher, StandardCopyOption.REPLACE_EXISTING);
        }
        launcher.toFile().setExecutable(true, false);
    }

    private void writeStartUpCache() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(image.resolve("bin/hourglass").toString(), "--help")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        process.waitFor();
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
            for (Path path : walk.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(path);
            }
        }
    }
}
