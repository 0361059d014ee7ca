package dev.hourglass.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Runs what people run first while the start-up cache is written, so that the cache holds it.
final class Rehearsal {
    /// Set while the start-up cache is written.
    private static final String WRITING = "HOURGLASS_WRITE_AOT";

    private Rehearsal() {}

    /// Whether the start-up cache is being written.
    static boolean isAsked() {
        return System.getenv(WRITING) != null;
    }

    /// Runs verbs on a small model and a small trace, their output discarded.
    static void run() {
        PrintStream out = System.out;
        System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        try {
            Path config = resource("rehearsal.json");
            Path trace = resource("rehearsal-trace.json.gz");
            Path report = Files.createTempFile("hourglass", ".html");
            Main.run("model", config.toString(), "--device", "h100-sxm");
            Main.run("model", config.toString(), "--json", "--by", "operator");
            Main.run("devices");
            Main.run("model", "--help");
            Main.run("report", trace.toString(), "-o", report.toString());
            for (Path file : List.of(config, trace, report)) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            System.setOut(out);
        }
    }

    private static Path resource(String name) throws IOException {
        Path file = Files.createTempFile("hourglass", name);
        try (InputStream in = Rehearsal.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing");
            }
            Files.write(file, in.readAllBytes());
        }
        return file;
    }
}
