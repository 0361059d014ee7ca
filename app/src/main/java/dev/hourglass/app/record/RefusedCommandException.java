package dev.hourglass.app.record;

import java.nio.file.Files;
import java.nio.file.Path;

/// A command that the system does not start.
public final class RefusedCommandException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// What shells answer.
    private static final int NOT_FOUND = 127;

    private static final int NOT_EXECUTABLE = 126;

    private final int exitCode;

    private RefusedCommandException(String message, int exitCode) {
        super(message);
        this.exitCode = exitCode;
    }

    static RefusedCommandException of(String program) {
        if (program.indexOf('/') < 0) {
            return new RefusedCommandException(
                    program + " is not found on PATH; the command stands behind `--` as you would type it alone",
                    NOT_FOUND);
        }
        Path file = Path.of(program);
        return Files.exists(file)
                ? new RefusedCommandException(
                        program + (Files.isDirectory(file) ? " is a directory" : " cannot be executed")
                                + "; is it a script without its `#!` line or its permission (chmod +x)?",
                        NOT_EXECUTABLE)
                : new RefusedCommandException(program + " does not exist", NOT_FOUND);
    }

    /// The exit code that a shell would give.
    public int exitCode() {
        return exitCode;
    }
}
