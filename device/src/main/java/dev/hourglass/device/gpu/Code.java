package dev.hourglass.device.gpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.hourglass.device.ffi.cuda.CudaDriver;
import dev.hourglass.device.ffi.cuda.Grid;
import dev.hourglass.device.ffi.nvrtc.Compiler;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/// Kernels of ours, compiled for one GPU.
public final class Code implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final Gpu gpu;
    private final CudaDriver.Module module;
    private final Map<String, MemorySegment> functions = new HashMap<>();

    /// @param name of the text, for the compiler's messages
    public Code(Gpu gpu, Compiler compiler, String name, String text) {
        this.gpu = gpu;
        this.module = gpu.driver().load(compiler.compile(name, text, gpu.architecture(), arena));
    }

    /// A kernel with its arguments, which live as long as `owner`.
    ///
    /// @param arguments numbers of the type that the kernel takes: pointers and sizes are `Long`
    public Launch launch(String kernel, Grid grid, Arena owner, Number... arguments) {
        MemorySegment function = functions.computeIfAbsent(kernel, module::function);
        MemorySegment pointers = owner.allocate(ADDRESS, arguments.length);
        for (int i = 0; i < arguments.length; i++) {
            pointers.setAtIndex(ADDRESS, i, slot(arguments[i], owner));
        }
        if (grid.sharedBytes() > 0) {
            gpu.driver().allowShared(function, grid.sharedBytes());
        }
        return new Launch(gpu.stream(), function, grid, pointers);
    }

    private static MemorySegment slot(Number argument, Arena owner) {
        return switch (argument) {
            case Integer i -> owner.allocateFrom(JAVA_INT, i);
            case Long l -> owner.allocateFrom(JAVA_LONG, l);
            case Float f -> owner.allocateFrom(JAVA_FLOAT, f);
            default -> throw new IllegalArgumentException("no kernel takes a " + argument.getClass());
        };
    }

    @Override
    public void close() {
        module.close();
        arena.close();
    }

    /// A kernel, ready to be given to the stream as often as wanted.
    public record Launch(CudaDriver.Stream stream, MemorySegment function, Grid grid, MemorySegment arguments)
            implements Runnable {
        @Override
        public void run() {
            stream.launch(function, grid, arguments);
        }
    }
}
