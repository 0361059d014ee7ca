package dev.hourglass.app.cli;

import dev.hourglass.core.ingest.EmptyDatabase;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/// Runs what people run first while the start-up cache is written, so that the cache holds it; makes the
/// database that new sessions are copies of.
final class Rehearsal {
    /// Set while the start-up cache is written.
    private static final String WRITING = "HOURGLASS_WRITE_AOT";

    /// How often the small trace stands in the large one: enough for it to be read by several threads.
    private static final int COPIES = 13;

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
            EmptyDatabase.write(Path.of(System.getProperty(EmptyDatabase.PROPERTY)));
            Path config = resource("rehearsal.json");
            Path trace = resource("rehearsal-trace.json.gz");
            Path large = repeated(trace);
            Path report = Files.createTempFile("hourglass", ".html");
            Path session = Files.createTempDirectory("hourglass");
            Main.run("model", config.toString(), "--device", "h100-sxm");
            Main.run("model", config.toString(), "--json", "--by", "operator");
            Main.run("devices");
            Main.run("model", "--help");
            Main.run("report", trace.toString(), "-o", report.toString());
            Main.run(
                    "import", large.toString(), "-o", session.resolve("session").toString());
            for (Path file : List.of(config, trace, large, report)) {
                Files.delete(file);
            }
            delete(session);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            System.setOut(out);
        }
    }

    /// A plain trace with the events of a packed one again and again.
    private static Path repeated(Path packed) throws IOException {
        byte[] all;
        try (InputStream in = new GZIPInputStream(Files.newInputStream(packed))) {
            all = in.readAllBytes();
        }
        String text = new String(all, StandardCharsets.ISO_8859_1);
        int first = text.indexOf('[', text.indexOf("\"traceEvents\"")) + 1;
        int last = text.lastIndexOf(']');
        Path file = Files.createTempFile("hourglass", ".json");
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            out.write(all, 0, first);
            for (int copy = 0; copy < COPIES; copy++) {
                out.write(all, first, last - first);
                out.write(copy + 1 < COPIES ? ',' : ' ');
            }
            out.write(all, last, all.length - last);
        }
        return file;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> entries = Files.walk(directory)) {
            for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(entry);
            }
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
