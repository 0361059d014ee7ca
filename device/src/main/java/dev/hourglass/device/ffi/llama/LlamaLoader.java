package dev.hourglass.device.ffi.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;

/// Opens the libraries and finds their symbols. They stay open until the process ends.
@SuppressWarnings("restricted")
final class LlamaLoader {
    private static final Linker LINKER = Linker.nativeLinker();

    private final SymbolLookup base;
    private final SymbolLookup ggml;
    private final SymbolLookup llama;

    /// @throws LlamaException if a file cannot be opened
    LlamaLoader(Path base, Path ggml, Path llama) {
        this.base = open(base);
        this.ggml = open(ggml);
        this.llama = open(llama);
    }

    private static SymbolLookup open(Path library) {
        try {
            return SymbolLookup.libraryLookup(library, Arena.global());
        } catch (IllegalArgumentException e) {
            throw new LlamaException(
                    "cannot load " + library + ": damaged, or made for another system; rebuild or reinstall", e);
        }
    }

    /// Empty if no library exports it.
    Optional<MethodHandle> look(String symbol, FunctionDescriptor descriptor) {
        return address(symbol).map(address -> LINKER.downcallHandle(address, descriptor));
    }

    private Optional<MemorySegment> address(String symbol) {
        return llama.find(symbol).or(() -> ggml.find(symbol)).or(() -> base.find(symbol));
    }

    /// @throws LlamaException if no library exports it
    MethodHandle find(String symbol, FunctionDescriptor descriptor) {
        return look(symbol, descriptor)
                .orElseThrow(() -> new LlamaException("the engine's library does not export " + symbol
                        + ": it is of a version that is not supported here"));
    }

    /// A handle of a function that was found by other means.
    static MethodHandle at(MemorySegment address, FunctionDescriptor descriptor) {
        return LINKER.downcallHandle(address, descriptor);
    }

    static MemorySegment stub(MethodHandle target, FunctionDescriptor descriptor) {
        return LINKER.upcallStub(target, descriptor, Arena.global());
    }
}
