package dev.hourglass.app.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A start of the built image as a person makes it.
///
/// @param code exit code
/// @param out standard output
/// @param err standard error
record Run(int code, String out, String err) {
    static final Path IMAGE = Path.of("target/image").toAbsolutePath();
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    static Run hourglass(Path workingDirectory, String... arguments) {
        try (Going going = Going.start(IMAGE, workingDirectory, arguments)) {
            return going.end();
        }
    }

    List<String> errLines() {
        return err.lines().toList();
    }

    /// A run that goes on.
    record Going(Process process, Path out, Path err) implements AutoCloseable {
        static Going start(Path image, Path workingDirectory, String... arguments) {
            try {
                Path out = Files.createTempFile("hourglass-out", ".txt");
                Path err = Files.createTempFile("hourglass-err", ".txt");
                List<String> command = new ArrayList<>(
                        // A shell in the background has its children ignore Ctrl-C; a terminal does not.
                        List.of(
                                "env",
                                "--default-signal=INT",
                                image.resolve("bin/hourglass").toString()));
                command.addAll(List.of(arguments));
                Process process = new ProcessBuilder(command)
                        .directory(workingDirectory.toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
                return new Going(process, out, err);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        Run end() {
            try {
                if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                    throw new AssertionError("still running after " + PATIENCE + ": " + read(err));
                }
                return new Run(process.exitValue(), read(out), read(err));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        /// Waits until standard error holds the text.
        void awaitErr(String text) throws InterruptedException {
            long until = System.nanoTime() + PATIENCE.toNanos();
            while (!read(err).contains(text)) {
                if (!process.isAlive() || System.nanoTime() > until) {
                    throw new AssertionError("never said \"" + text + "\": " + read(err));
                }
                Thread.sleep(20);
            }
        }

        void signal(String name) throws IOException, InterruptedException {
            new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                    .start()
                    .waitFor();
        }

        @Override
        public void close() {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }

        private static String read(Path file) {
            try {
                return Files.readString(file, StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
