package dev.hourglass.device.llama;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The engine's shared libraries on this machine, or why there are none.
public sealed interface EngineLibraries {

    /// @param directory holds all of them
    /// @param llama the library whose functions are called
    /// @param ggml the library that chooses and loads the one that fits this CPU
    /// @param version as it stands in the file's name, for example `v0.5.0`
    record Found(Path directory, Path llama, Path ggml, Path base, String version) implements EngineLibraries {}

    /// @param reason one line that says what to do
    record Absent(String reason) implements EngineLibraries {}

    /// Bytes of the header of an ELF file of 64 bits, and those that it begins with.
    int ELF_HEADER_BYTES = 64;

    int ELF_MAGIC = 0x464c_457f;

    /// Looks in a directory, without loading anything.
    ///
    /// @param directory the image's `engine` directory
    static EngineLibraries find(Path directory) {
        String os = System.getProperty("os.name");
        String arch = System.getProperty("os.arch");
        if (!os.equals("Linux") || !List.of("amd64", "aarch64").contains(arch)) {
            return new Absent("unsupported here: the embedded engine runs on Linux on x86-64 or arm64, not on " + os
                    + " on " + arch);
        }
        try {
            return look(directory);
        } catch (IOException e) {
            return new Absent("cannot read the engine's libraries in " + directory + ": " + e.getMessage());
        }
    }

    private static EngineLibraries look(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return new Absent("the engine's libraries are missing: there is no directory " + directory
                    + "; rebuild or reinstall");
        }
        Optional<Path> llama = library(directory, "libllama.");
        Optional<Path> ggml = library(directory, "libggml.");
        Optional<Path> base = library(directory, "libggml-base.");
        Optional<Path> cpu = library(directory, "libggml-cpu-");
        if (llama.isEmpty() || ggml.isEmpty() || base.isEmpty() || cpu.isEmpty()) {
            String name = llama.isEmpty()
                    ? "libllama"
                    : ggml.isEmpty() ? "libggml" : base.isEmpty() ? "libggml-base" : "libggml-cpu";
            return new Absent(name + " is missing in " + directory + "; rebuild or reinstall");
        }
        for (Path library : list(directory)) {
            if (!isShared(library)) {
                return new Absent("damaged: " + library + " is no shared library; rebuild or reinstall");
            }
        }
        Path found = llama.orElseThrow();
        String version =
                found.getFileName().toString().replaceFirst("^libllama\\.", "").replaceFirst("\\.?so$", "");
        return new Found(directory, found, ggml.orElseThrow(), base.orElseThrow(), version);
    }

    private static Optional<Path> library(Path directory, String prefix) throws IOException {
        return list(directory).stream()
                .filter(p -> p.getFileName().toString().startsWith(prefix))
                .findFirst();
    }

    private static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(p -> p.getFileName().toString().matches("lib(llama|ggml)[-.].*so"))
                    .filter(p -> !p.getFileName().toString().startsWith("libllama-common"))
                    .sorted()
                    .toList();
        }
    }

    /// Whether the file is whole as far as its own header tells: an ELF file that reaches at least to
    /// its section table, which linkers write last.
    private static boolean isShared(Path library) throws IOException {
        try (FileChannel channel = FileChannel.open(library)) {
            ByteBuffer head = ByteBuffer.allocate(ELF_HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            channel.read(head, 0);
            if (head.position() < ELF_HEADER_BYTES || head.getInt(0) != ELF_MAGIC) {
                return false;
            }
            long end = head.getLong(40) + (long) head.getShort(58) * head.getShort(60);
            return end > 0 && end <= channel.size();
        }
    }
}
