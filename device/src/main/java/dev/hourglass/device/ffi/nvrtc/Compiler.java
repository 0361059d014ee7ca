package dev.hourglass.device.ffi.nvrtc;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.hourglass.device.ffi.cuda.CudaException;
import dev.hourglass.device.ffi.library.SharedLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;

/// Makes machine code of CUDA C++.
public final class Compiler {
    private static final List<String> NAMES =
            List.of("libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so", "libnvrtc.so.11.2");

    private final NvrtcCalls calls;
    private final String place;

    private Compiler(NvrtcCalls calls, String place) {
        this.calls = calls;
        this.place = place;
    }

    /// The compiler, or why there is none.
    public sealed interface Outcome {
        /// It is loaded.
        record Ready(Compiler compiler) implements Outcome {}

        /// It is not.
        ///
        /// @param reason in one sentence
        record Absent(String reason) implements Outcome {}
    }

    /// @param directories where it may lie beside the system's places
    public static Outcome open(List<Path> directories) {
        return switch (SharedLibrary.find(NAMES, directories)) {
            case SharedLibrary.Missing none -> new Outcome.Absent("no NVRTC: " + none.reason());
            case SharedLibrary.Open open -> {
                NvrtcCalls calls = new NvrtcCalls(open.symbols());
                yield calls.missing().isEmpty()
                        ? new Outcome.Ready(new Compiler(calls, open.place()))
                        : new Outcome.Absent(
                                "NVRTC at " + open.place() + " lacks " + String.join(", ", calls.missing()));
            }
        };
    }

    /// For example `NVRTC 13.0`.
    public String version() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment major = arena.allocate(JAVA_INT);
            MemorySegment minor = arena.allocate(JAVA_INT);
            calls.version(major, minor);
            return "NVRTC " + major.get(JAVA_INT, 0) + "." + minor.get(JAVA_INT, 0);
        }
    }

    public String place() {
        return place;
    }

    /// Compiles for one kind of device.
    ///
    /// @param name of the text, for errors
    /// @param architecture for example `sm_90a`
    /// @param arena that owns the code
    /// @throws CudaException with the compiler's own messages
    public MemorySegment compile(String name, String source, String architecture, Arena arena) {
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment program = scratch.allocate(ADDRESS);
            calls.create(program, scratch.allocateFrom(source), scratch.allocateFrom(name));
            try {
                MemorySegment handle = program.get(ADDRESS, 0);
                compile(name, handle, architecture, scratch);
                return bytes(handle, calls::codeSize, calls::code, arena);
            } finally {
                calls.destroy(program);
            }
        }
    }

    private void compile(String name, MemorySegment program, String architecture, Arena scratch) {
        List<String> options = List.of("--gpu-architecture=" + architecture, "--std=c++17", "--use_fast_math");
        MemorySegment texts = scratch.allocate(ADDRESS, options.size());
        for (int i = 0; i < options.size(); i++) {
            texts.setAtIndex(ADDRESS, i, scratch.allocateFrom(options.get(i)));
        }
        try {
            calls.compile(program, options.size(), texts);
        } catch (CudaException e) {
            String log = bytes(program, calls::logSize, calls::log, scratch).getString(0);
            throw new CudaException("compiling " + name, e.code(), log.strip());
        }
    }

    private static MemorySegment bytes(
            MemorySegment program,
            BiConsumer<MemorySegment, MemorySegment> size,
            BiConsumer<MemorySegment, MemorySegment> content,
            Arena arena) {
        MemorySegment length = arena.allocate(JAVA_LONG);
        size.accept(program, length);
        MemorySegment bytes = arena.allocate(Math.max(1, length.get(JAVA_LONG, 0)), JAVA_LONG.byteAlignment());
        content.accept(program, bytes);
        return bytes.asSlice(0, bytes.byteSize(), JAVA_BYTE.byteAlignment());
    }
}
