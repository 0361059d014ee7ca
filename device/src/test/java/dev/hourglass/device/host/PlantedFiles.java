package dev.hourglass.device.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Kernel files written by a test.
public final class PlantedFiles {
    public final KernelFiles files;

    public PlantedFiles(Path dir) {
        this.files = new KernelFiles(dir.resolve("proc"), dir.resolve("sys"));
    }

    public PlantedFiles proc(String name, String text) {
        return write(files.proc().resolve(name), text);
    }

    public PlantedFiles sys(String name, String text) {
        return write(files.sys().resolve(name), text);
    }

    private PlantedFiles write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
