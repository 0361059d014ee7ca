package dev.hourglass.app.cli;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/// A command line in a process of its own, which is killed at some moment.
///
/// @param code exit code; above 128 where it was killed before it was done
/// @param said standard output and error
record Killed(int code, String said) {
    private static final long PATIENCE_S = 300;

    /// When it is killed.
    sealed interface Moment {
        /// After some time.
        record After(long ns) implements Moment {}

        /// When a file of such a name comes or goes below the watched directory.
        record At(Pattern name, boolean comes) implements Moment {}

        /// Never.
        record Never() implements Moment {}
    }

    /// How children are started.
    ///
    /// @param classes their class path: of archives alone, so that the classes of one are kept ready for the next
    record Start(Path lib, String classes, Path temporary, Path home) {
        static Start in(Path directory, Path home) throws IOException {
            Path lib = Files.createDirectory(directory.resolve("lib"));
            List<String> classes = new ArrayList<>();
            for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
                Path path = Path.of(entry);
                if (Files.isDirectory(path) && !entry.matches(".*(test-classes|-test|/src/.*)/?")) {
                    classes.add(packed(path, lib.resolve(classes.size() + ".jar")));
                } else if (entry.contains("duckdb_jdbc")) {
                    classes.add(withLibrary(path, lib));
                } else if (Files.isRegularFile(path)) {
                    classes.add(entry);
                }
            }
            return new Start(
                    lib,
                    String.join(File.pathSeparator, classes),
                    Files.createDirectory(directory.resolve("tmp")),
                    home);
        }

        private static String packed(Path classes, Path jar) throws IOException {
            try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar));
                    Stream<Path> files = Files.walk(classes)) {
                zip.setLevel(0);
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    zip.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
                    Files.copy(file, zip);
                }
            }
            return jar.toString();
        }

        /// The database's library lies beside its jar, so that no child unpacks it.
        private static String withLibrary(Path jar, Path lib) throws IOException {
            String name =
                    "libduckdb_java.so_linux_" + (System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64");
            try (ZipFile zip = new ZipFile(jar.toFile());
                    InputStream in = zip.getInputStream(zip.getEntry(name))) {
                Files.copy(in, lib.resolve(name));
            }
            return Files.copy(jar, lib.resolve(jar.getFileName())).toString();
        }

        private List<String> command(String... words) {
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin/java").toString(),
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-Xmx512m",
                    "-XX:+AutoCreateSharedArchive",
                    "-XX:SharedArchiveFile=" + lib.resolve("classes.jsa"),
                    "-Xlog:disable",
                    "--enable-native-access=ALL-UNNAMED",
                    "-Djava.io.tmpdir=" + temporary,
                    "-Dhourglass.home=" + home,
                    "-cp",
                    classes,
                    "dev.hourglass.app.cli.Main"));
            command.addAll(List.of(words));
            return command;
        }

        Process process(Path out, String... words) throws IOException {
            ProcessBuilder builder =
                    new ProcessBuilder(command(words)).redirectErrorStream(true).redirectOutput(out.toFile());
            builder.environment().put("XDG_CACHE_HOME", lib.toString());
            return builder.start();
        }
    }

    static Killed by(Start start, Path watched, Moment moment, boolean politely, String... words)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile(start.lib(), "said", ".txt");
        Process process = start.process(out, words);
        boolean reached = await(process, watched, moment);
        if (reached) {
            List<ProcessHandle> children = process.descendants().toList();
            if (politely) {
                process.destroy();
            } else {
                process.destroyForcibly();
                children.forEach(ProcessHandle::destroyForcibly);
            }
        }
        if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("hangs: " + String.join(" ", words) + "\n" + Files.readString(out));
        }
        String said = Files.readString(out);
        Files.delete(out);
        return new Killed(process.exitValue(), said);
    }

    /// Whether the moment came before the process was done.
    private static boolean await(Process process, Path watched, Moment moment)
            throws IOException, InterruptedException {
        long began = System.nanoTime();
        boolean seen = false;
        while (process.isAlive()) {
            switch (moment) {
                case Moment.After after -> {
                    if (System.nanoTime() - began >= after.ns()) {
                        return true;
                    }
                    TimeUnit.MICROSECONDS.sleep(200);
                }
                case Moment.At at -> {
                    boolean there = isThere(watched, at.name(), 2);
                    if (there ? at.comes() : seen && !at.comes()) {
                        return true;
                    }
                    seen |= there;
                    TimeUnit.MICROSECONDS.sleep(100);
                }
                case Moment.Never _ -> process.waitFor(PATIENCE_S, TimeUnit.SECONDS);
            }
        }
        return false;
    }

    private static boolean isThere(Path directory, Pattern name, int depth) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                if (name.matcher(entry.getFileName().toString()).matches()
                        || depth > 1 && Files.isDirectory(entry) && isThere(entry, name, depth - 1)) {
                    return true;
                }
            }
        } catch (IOException e) {
            return false; // it was moved meanwhile
        }
        return false;
    }
}
